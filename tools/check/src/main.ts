import { commandCheck } from './command.ts';
import { total } from './outcome.ts';
import type { Check, Result } from './outcome.ts';
import { summary } from './summary.ts';
import { testCheck } from './tests.ts';

const checks: readonly Check[] = [
  commandCheck('format', 'format', 'node_modules/prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']),
  commandCheck('lint', 'lint', 'tools/lint/src/lint.ts'),
  commandCheck('types', 'types', 'node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json']),
  commandCheck('docs', 'docs', 'tools/check/src/docs/main.ts'),
  testCheck('unit'),
  testCheck('pg'),
  testCheck('docker'),
  testCheck('e2e'),
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !checks.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(`There is no check '${unknown.join("', '")}'. There are: ${checks.map((check) => check.name).join(', ')}.`);
  process.exit(2);
}

const results: Result[] = [];
for (const check of checks.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  console.log(`\n── ${check.name}`);
  const start = performance.now();
  const outcome = await check.run();
  results.push({ name: check.name, outcome, seconds: (performance.now() - start) / 1000 });
}
console.log(summary(results));
process.exitCode = total(results).failed > 0 ? 1 : 0;
