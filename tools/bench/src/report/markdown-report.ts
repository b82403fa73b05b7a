import type { Workload } from '../measure/workload.ts';
import { columnsOf, numberText } from './figures.ts';
import { judgeGoals } from './goals.ts';
import type { Report, Result } from './result.ts';

/** The report as a document. It is made anew by each `npm run bench -- --write`. */
export function markdownReport(report: Report): string {
  const workloads = [...new Set(report.results.map(({ workload }) => workload))];
  return [
    '# Performance',
    '<!-- Written by `npm run bench -- --write`: do not edit. -->',
    `What \`npm run bench\` measured on ${report.at.slice(0, 10)}, Exosphere beside its peers, each in a process of its own, by turns in one invocation. ` +
      'Figures are medians, with the lowest and the highest measurement in brackets. The same as data: [performance.json](performance.json).',
    goalsPart(report.results),
    ...workloads.map((workload) => workloadPart(workload, report.results.filter((result) => result.workload === workload))), // prettier-ignore
    machinePart(report),
    caveatsPart(report),
  ].join('\n\n');
}

function goalsPart(results: readonly Result[]): string {
  const judged = judgeGoals(results);
  if (judged.length === 0) return '';
  const rows = judged.map(
    ({ text, found, isMet }) => `| ${text} | ${numberText(found, found < 100 ? 2 : 0)} | ${isMet ? 'met' : '**not met**'} |`,
  );
  return ['## Goals', '', '| goal | measured | |', '| --- | ---: | --- |', ...rows].join('\n');
}

function workloadPart(workload: Workload, results: readonly Result[]): string {
  const columns = columnsOf(results);
  const rows = results.map(
    (result) => `| ${result.contender}${result.isPeer ? ' (peer)' : ''} | ${columns.map(({ cell }) => cell(result)).join(' | ')} |`,
  );
  const head = `| | ${columns.map(({ title }) => title).join(' | ')} |`;
  const measurements = [...new Set(results.map(({ rounds }) => rounds))].join(' or ');
  return [
    `## ${workload.id}: ${workload.title}`,
    '',
    workload.description,
    '',
    head,
    `| --- | ${columns.map(() => '---:').join(' | ')} |`,
    ...rows,
    '',
    `Measurements of each: ${measurements}.`,
  ].join('\n');
}

function machinePart({ machine }: Report): string {
  const { database, versions } = machine;
  const settings =
    database === null
      ? []
      : [
          `PostgreSQL ${database.version}: \`fsync = ${database.fsync}\`, \`synchronous_commit = ${database.synchronousCommit}\`, \`full_page_writes = ${database.fullPageWrites}\`, \`shared_buffers = ${database.sharedBuffers}\`, on the same machine`,
        ];
  const facts = [
    `${String(machine.cores)} cores of ${machine.cpu}, ${String(machine.memoryGB)} GB, ${machine.system}`,
    `a write of 8 KiB reaches the disk in ${numberText(machine.writeMs, 2)} ms`,
    `load of the minute before: ${numberText(machine.loadBefore, 1)}, of the last minute: ${numberText(machine.loadAfter, 1)} (what the bench does itself included)`,
    ...settings,
    `Node ${machine.node}; ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}`, // prettier-ignore
  ];
  return ['## Machine', '', ...facts.map((fact) => `- ${fact}`)].join('\n');
}

const caveats = [
  'Absolute figures are those of this machine on this day, and move with its disk and with what else it does; ratios of one invocation tell more.',
  'The database, the worker and the bench share the cores. On a database server of its own, workers have more of them.',
  'Steps that do nothing measure what Exosphere costs. Real steps cost more than that: a worker is then rarely the limit.',
  'Each contender is measured once without counting before the rounds begin. CPU time has a resolution of 10 ms.',
  "The peers are set up as their documentation says for throughput, by people who know Exosphere better. Redis writes to its disk once a second: a crash of the machine loses BullMQ's last second.",
  'Peak memory is that of all processes of the worker, added up, so that pages which they share count more than once.',
];

/** More processes than this wanted a core before the bench began: it did not have the machine to itself. */
function isBusy({ cores, loadBefore }: Report['machine']): boolean {
  return loadBefore > cores / 2;
}

const busy =
  '**The machine was busy with other work** (see its load): the figures are lower, and the latencies longer, than those of a machine of its own, and lie far apart. The ratios to the peers, which met the same, and the CPU time of an execution tell more, though waiting for a core does not hit all alike. Neither a goal that is met here nor one that is missed is settled by this: both are to be measured again on a quiet machine.';

function caveatsPart({ isQuick, machine, skipped }: Report): string {
  const own = [
    ...(isBusy(machine) ? [busy] : []),
    ...(isQuick ? ['This was a quick run: fewer measurements than medians should be made of.'] : []),
    ...skipped.map(({ name, why }) => `${name} was left out: ${why}.`),
  ];
  return ['## What to keep in mind', '', ...[...own, ...caveats].map((text) => `- ${text}`)].join('\n');
}
