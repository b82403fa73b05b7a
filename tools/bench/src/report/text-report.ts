import type { Column } from './figures.ts';
import { columnsOf, numberText } from './figures.ts';
import { judgeGoals } from './goals.ts';
import type { Report, Result } from './result.ts';

/** The report for a terminal. */
export function textReport(report: Report): string {
  const workloads = [...new Set(report.results.map(({ workload }) => workload))];
  const parts = workloads.map((workload) => {
    const own = report.results.filter((result) => result.workload === workload);
    return `${workload.id}  ${workload.title}\n${table(own)}`;
  });
  const skipped = report.skipped.map(({ name, why }) => `${name} was left out: ${why}`);
  return [...parts, ...(skipped.length > 0 ? [skipped.join('\n')] : []), goals(report.results)].filter((part) => part !== '').join('\n\n');
}

function table(results: readonly Result[]): string {
  const columns: readonly Column[] = [
    { title: '', cell: (result) => `${result.contender}${result.isPeer ? ' *' : ''}` },
    ...columnsOf(results),
  ];
  const rows = [columns.map(({ title }) => title), ...results.map((result) => columns.map(({ cell }) => cell(result)))];
  const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) => `  ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ')}`)
    .join('\n');
}

function goals(results: readonly Result[]): string {
  const judged = judgeGoals(results);
  if (judged.length === 0) return '';
  return [
    'Goals',
    ...judged.map(({ text, found, isMet }) => `  ${isMet ? 'met    ' : 'not met'}  ${text}: ${numberText(found, found < 100 ? 2 : 0)}`),
  ].join('\n');
}
