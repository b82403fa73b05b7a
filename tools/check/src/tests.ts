import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, runNode } from './command.ts';
import { missingForContainers } from './container-needs.ts';
import { countReport } from './test-report.ts';
import type { TestReport } from './test-report.ts';
import type { Check, Outcome } from './outcome.ts';

/** The kinds of test: the suffix of a file, which is also the name of the vitest project. */
export type TestKind = 'unit' | 'pg' | 'docker' | 'e2e';

const suffixes: Readonly<Record<TestKind, string>> = { unit: 'test', pg: 'pg.test', docker: 'docker.test', e2e: 'e2e.test' };

/** A check that runs all tests of one kind. */
export function testCheck(kind: TestKind): Check {
  return { name: kind, run: () => (kind === 'docker' ? dockerTests() : runTests(kind)) };
}

/** On a developer's machine the container tests may be missing, and say so; in CI they must run. */
async function dockerTests(): Promise<Outcome> {
  const missing = hasTests('docker') ? await missingForContainers() : null;
  if (missing === null) return runTests('docker');
  const { why, get } = missing;
  return process.env['CI'] ? { kind: 'failed', counts: null, why: `${why}: ${get}` } : { kind: 'skipped', why, get };
}

async function runTests(kind: TestKind): Promise<Outcome> {
  if (!hasTests(kind)) return { kind: 'passed', counts: { passed: 0, failed: 0, skipped: 0 } };
  const folder = await mkdtemp(join(tmpdir(), 'exosphere-tests-'));
  try {
    const file = join(folder, 'report.json');
    const args = ['run', '--project', kind, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const ended = await runNode('node_modules/vitest/vitest.mjs', args);
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text === null) return { kind: 'failed', counts: null, why: `vitest ended with ${String(ended)} and left no report` };
    return judge(ended, JSON.parse(text) as TestReport); // the shape that vitest writes
  } finally {
    await rm(folder, { recursive: true });
  }
}

function judge(ended: number | NodeJS.Signals, report: TestReport): Outcome {
  const counts = countReport(report);
  if (counts.failed > 0) return { kind: 'failed', counts, why: `${String(counts.failed)} failed` };
  if (ended !== 0) return { kind: 'failed', counts, why: `an error outside the tests (vitest ended with ${String(ended)})` };
  if (counts.passed === 0) return { kind: 'failed', counts, why: 'there are test files, but no test passed' };
  return { kind: 'passed', counts };
}

function hasTests(kind: TestKind): boolean {
  const files = globSync(`{apps,libs,satellites,tools,examples}/**/*.${suffixes[kind]}.ts`, { cwd: root, exclude: ['**/node_modules/**'] });
  return files.length > 0;
}
