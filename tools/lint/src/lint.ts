import { ESLint } from 'eslint';
import { join } from 'node:path';
import { readSpecimens, rulesThatRefuse } from './known-bad.ts';
import { buildProjectGraph } from './project-graph.ts';

const root = join(import.meta.dirname, '../../..');
const fix = process.argv.includes('--fix');
const paths = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));

const projects = await buildProjectGraph(root);
const eslint = new ESLint({ cwd: root, fix });
const results = await eslint.lintFiles(paths.length > 0 ? paths : ['.']);

// A layer rule without a graph says nothing and passes everything: one known-bad import shows that it was awake. It comes last, because
// the type checker of this process then takes the specimen for the file in whose place it stands.
const canary = (await readSpecimens()).find((specimen) => specimen.name === 'model-imports-engine.ts');
if (!canary || !(await rulesThatRefuse(eslint, canary)).includes(canary.refusedBy)) {
  console.error('The layer rule let a forbidden import pass, so this lint proves nothing. Does `npx nx show projects` list the packages?');
  process.exit(2);
}

if (fix) await ESLint.outputFixes(results);
const output = await (await eslint.loadFormatter('stylish')).format(results);
if (output) console.log(output);

const problems = results.reduce((sum, result) => sum + result.errorCount + result.warningCount, 0);
console.log(`${String(results.length)} files linted in ${String(projects.length)} packages, ${String(problems)} problems`);
process.exitCode = problems > 0 ? 1 : 0;
