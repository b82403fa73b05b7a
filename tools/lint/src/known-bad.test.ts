import { ESLint } from 'eslint';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readSpecimens, rulesThatRefuse } from './known-bad.ts';
import { buildProjectGraph } from './project-graph.ts';

const root = join(import.meta.dirname, '../../..');
const specimens = await readSpecimens();
const refusing = new Set(specimens.map((specimen) => specimen.refusedBy));

describe('the repository is linted with rules that', () => {
  let eslint: ESLint;
  beforeAll(async () => {
    await buildProjectGraph(root);
    eslint = new ESLint({ cwd: root });
  }, 60_000);

  const cases = specimens.map((specimen) => [specimen.refusedBy === 'none' ? 'let pass' : 'refuse', specimen.name, specimen] as const);
  test.for(cases)('%s %s', { timeout: 60_000 }, async ([, , specimen]) => {
    const refusedBy = await rulesThatRefuse(eslint, specimen);
    if (specimen.refusedBy === 'none') expect(refusedBy.filter((rule) => refusing.has(rule))).toEqual([]);
    else expect(refusedBy).toContain(specimen.refusedBy);
  });
});
