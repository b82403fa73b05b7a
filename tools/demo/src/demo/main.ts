import { styleText } from 'node:util';
import { startLocalModel } from '@exosphere/local-model';
import { startDemoParties } from '../demo-parties.ts';
import { expectedResult } from '../expected-result.ts';
import { reportFiles, someFiles } from '../reports/report-files.ts';
import type { Comparison } from './compare.ts';
import { compareOutcome } from './compare.ts';
import type { DemoOptions } from './demo-options.ts';
import { readDemoOptions, usage } from './demo-options.ts';
import { repository, runExample } from './run-example.ts';
import { writeEnvironment } from './write-environment.ts';

/** `npm run demo`: the example with its whole world on this machine; exit code 0 where everything is as it should be. */
async function demo(options: DemoOptions): Promise<number> {
  if (!options.withLocalModel) return play(options);
  const local = await startLocalModel({ onProgress: (message) => console.log(message) });
  try {
    return await play({ ...options, model: { url: `${local.baseUrl}/v1`, name: local.model } });
  } finally {
    await local.stop();
  }
}

async function play({ example, model, inContainers, reports, folder }: DemoOptions): Promise<number> {
  const project = folder ?? repository;
  const files = someFiles(await reportFiles(), reports);
  const parties = await startDemoParties({ files });
  try {
    tellParties(parties.urls, { model, reports });
    const environment = await writeEnvironment(project, parties.environment, { model, inContainers });
    console.log(`\nexo run examples/${example}/cluster.yml --env ${environment}\n`);
    const { code, summary } = await runExample(example, environment, project);
    if (summary === null) return code === 0 ? 1 : code;
    const received = await parties.received();
    const expected = expectedResult(files, example);
    const comparisons = compareOutcome({ summary, received, expected, isStandIn: model === null });
    console.log('\nWhat the parties received, and what became of the run\n');
    for (const comparison of comparisons) print(comparison);
    const wrong = comparisons.filter(({ isAsExpected }) => !isAsExpected).length;
    console.log(
      wrong === 0 ? `\nEverything is as it should be, after ${summary.seconds ?? 0} s.` : `\n${wrong} of these are not as they should be.`,
    );
    console.log(`Look around: npm run exo -- runs show ${summary.run}${folder === null ? '' : ` --project ${folder}`}`);
    return wrong === 0 ? 0 : 1;
  } finally {
    await parties.stop();
  }
}

function tellParties(urls: Readonly<Record<string, string>>, { model, reports }: Pick<DemoOptions, 'model' | 'reports'>): void {
  console.log('The world of the example, on this machine:');
  const notes: Readonly<Record<string, string>> = {
    s3: `S3, with ${reports} quarterly reports as PDFs, one of them corrupt`,
    webhook: 'the API that takes the figures',
    newRelic: 'New Relic, for log records',
    pagerDuty: 'PagerDuty, for failures',
    model: 'a stand-in for the language model: it is none, and copies the figures from the prompt',
  };
  for (const [name, url] of Object.entries(urls)) {
    if (name === 'model' && model !== null) console.log(`  ${model.url.padEnd(24)} the language model ${model.name}`);
    else console.log(`  ${url.padEnd(24)} ${notes[name] ?? name}`);
  }
}

function print({ what, found, expected, isAsExpected }: Comparison): void {
  const mark = isAsExpected ? styleText('green', '✓') : styleText('red', '✗');
  console.log(`${mark} ${what.padEnd(46)} ${found}${isAsExpected ? '' : `   expected: ${expected}`}`);
}

/** Ctrl-C reaches exo as well, which ends in order: the parties wait for it. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

try {
  const options = readDemoOptions(process.argv.slice(2));
  if (typeof options === 'string') {
    (options === usage ? process.stdout : process.stderr).write(options);
    process.exitCode = options === usage ? 0 : 2;
  } else process.exitCode = await demo(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
