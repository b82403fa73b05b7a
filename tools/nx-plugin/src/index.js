import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const kinds = { test: 'unit', 'test:pg': 'pg', 'test:docker': 'docker', 'test:e2e': 'e2e' };

/** Name by which Nx shows where a target comes from. */
export const name = '@exosphere/nx-plugin';

/** Gives each workspace package its targets: a kind of test where it has such files, and lint. */
export const createNodes = [
  '{apps,libs,satellites,tools}/*/package.json',
  (files, _options, { workspaceRoot }) =>
    files.map((file) => {
      const root = dirname(file);
      return [file, { projects: { [root]: { root, targets: targetsOf(root, testFiles(join(workspaceRoot, root))) } } }];
    }),
];

function targetsOf(root, tests) {
  const inputs = ['default', '^default', '{workspaceRoot}/*.json', '{workspaceRoot}/*.config.*', '{workspaceRoot}/package-lock.json'];
  const targets = { lint: { command: `eslint ${root}`, cache: true, inputs: [...inputs, '{workspaceRoot}/tools/lint/**/*'] } };
  for (const [target, kind] of Object.entries(kinds)) {
    if (tests.some((path) => kindOf(path) === kind))
      targets[target] = { command: `vitest run --project ${kind} ${root}/`, cache: kind === 'unit', inputs };
  }
  return targets;
}

function testFiles(folder) {
  return readdirSync(folder, { recursive: true }).filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules'));
}

function kindOf(path) {
  const [, kind] = /\.(pg|docker|e2e)\.test\.ts$/.exec(path) ?? [];
  return kind ?? 'unit';
}
