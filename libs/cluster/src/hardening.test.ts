import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readCluster } from './index.ts';
import { catalog } from './testing/catalog.ts';

function problemsOf(name: string): readonly string[] {
  const text = readFileSync(new URL(`../testdata/broken/${name}.yml`, import.meta.url), 'utf8');
  const { diagnostics } = readCluster(text, { file: name, catalog });
  return diagnostics.map(({ line, code, at, hint }) => `${line} ${code} ${at}${hint === undefined ? '' : ` (${hint})`}`);
}

const head = 'version: 0.0.1b\ncluster:\n  identifier: test/one\n  sla: 6h\n  trigger: api-call\n';

describe('EXP-06 a secret is read one by one and only where it may stand, or the file is refused with the line', () => {
  test('the whole of secrets, a computed name and a field are refused; a name that is written out is granted', () => {
    expect(problemsOf('secrets-out-of-place').filter((problem) => problem.includes('secret-access'))).toEqual([
      '19 secret-access satellites/1/input/all',
      '20 secret-access satellites/1/input/star',
      '21 secret-access satellites/1/input/computed',
      '22 secret-access satellites/1/input/field',
    ]);
  });

  test('title, run-name, concurrency, vars, name, if, rate-limit and outputs may not read one', () => {
    expect(problemsOf('secrets-out-of-place').filter((problem) => problem.includes('secret-not-allowed'))).toEqual([
      '6 secret-not-allowed title',
      '7 secret-not-allowed run-name',
      '9 secret-not-allowed concurrency/group',
      '10 secret-not-allowed vars/A',
      '14 secret-not-allowed satellites/1/name',
      '16 secret-not-allowed satellites/1/if',
      '17 secret-not-allowed satellites/1/rate-limit/key',
      '26 secret-not-allowed outputs/token',
    ]);
  });

  test('a step is granted what its own templates name, in logs too, and nothing else', () => {
    const text = `${head}  secrets: [A, B, C]
  satellites:
    - { identifier: one, uses: test/echo, input: { a: "\${{ secrets.a }}" } }
    - { identifier: two, uses: test/echo, config: { b: "x \${{ secrets['B'] }}" } }
  logs: { satellites: [{ identifier: sink, uses: test/echo, config: { c: "\${{ secrets.C }}" } }] }
`;
    const { plan } = readCluster(text, { file: null, catalog });
    expect([...(plan?.steps ?? []), ...(plan?.logs ?? [])].map(({ identifier, grants }) => [identifier, grants])).toEqual([
      ['one', ['A']],
      ['two', ['B']],
      ['sink', ['C']],
    ]);
  });
});

test('EXP-09 what a template cannot read is refused with its place: later and missing steps, itself, what is not closed or nested', () => {
  expect(problemsOf('expressions').slice(0, 3)).toEqual([
    '11 bad-expression satellites/work/input/open',
    '12 bad-expression satellites/work/input/nested',
    '13 bad-expression satellites/work/input/empty',
  ]);
  const text = `${head}  satellites:
    - { identifier: first, uses: test/echo, needs: [], input: { x: "\${{ satellites.later.output }}" } }
    - { identifier: itself, uses: test/echo, needs: [], input: { x: "$\${{ satellites.itself.output.n }}" } }
    - { identifier: later, uses: test/echo, needs: [first], input: { x: "\${{ satellites.nobody.output }}" } }
`;
  const { diagnostics } = readCluster(text, { file: null, catalog });
  expect(diagnostics.map(({ line, column, code, found }) => [line, column, code, found])).toEqual([
    [7, 73, 'not-an-ancestor', 'later'],
    [8, 75, 'not-an-ancestor', 'itself'],
    [9, 78, 'unknown-step', 'nobody'],
  ]);
});

describe('YML-08 what is not known or of the wrong kind is named with its path and the nearest known name', () => {
  test('unknown keys', () => {
    expect(problemsOf('unknown-key')).toEqual([
      '6 unknown-key titel (title)',
      '7 unknown-key satelites (satellites)',
      '12 unknown-key satellites/work/contine-on-error (continue-on-error)',
      '13 unknown-key satellites/work/inputs (input)',
    ]);
  });

  test('values of secrets in the file are warned of, and in a step they are refused', () => {
    expect(problemsOf('secrets-declared')[0]).toBe('7 literal-secret secrets');
    expect(problemsOf('secrets-in-steps')).toContain('11 secret-value-in-step satellites/a/secrets/API_TOKEN');
  });

  test('messages never repeat the value of a secret', () => {
    const text = readFileSync(new URL('../testdata/broken/secrets-declared.yml', import.meta.url), 'utf8');
    for (const { message } of readCluster(text, { file: null, catalog }).diagnostics) expect(message).not.toContain('a-very-secret-token');
  });
});
