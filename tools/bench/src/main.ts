import { readOptions, usage } from './read-options.ts';
import type { Options } from './read-options.ts';
import { jsonReport } from './report/json-report.ts';
import { textReport } from './report/text-report.ts';
import { writeReport } from './report/write-report.ts';
import { runBench } from './run-bench.ts';

const options = given();
if (options === 'help') console.log(usage);
else await bench(options);

async function bench(options: Options): Promise<void> {
  const report = await runBench(options, (text) => process.stderr.write(`${text}\n`));
  console.log(`\n${textReport(report)}`);
  if (options.writes) for (const path of await writeReport(report)) console.log(`written: ${path}`);
  if (options.asJson) console.log(JSON.stringify(jsonReport(report)));
}

function given(): Options | 'help' {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}
