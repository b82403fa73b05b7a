import { readFileSync, readdirSync } from 'node:fs';
import { workedExamples } from '@exosphere/testkit/worked-examples';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCluster, readEnvironment } from './index.ts';
import { catalog } from './testing/catalog.ts';

const broken = new URL('../testdata/broken/', import.meta.url);
const seeds = [
  readFileSync(new URL('../testdata/structured-pdfs.yml', import.meta.url), 'utf8'),
  ...readdirSync(broken)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => readFileSync(new URL(name, broken), 'utf8')),
  ...workedExamples().map(({ cluster }) => JSON.stringify(cluster, null, 2)),
];

const splinters = [
  '${{',
  '$${{',
  '}}',
  '[',
  '{',
  ']',
  '}',
  '"',
  "'",
  ': ',
  '- ',
  '\n',
  '\t',
  '|',
  '>',
  '&a ',
  '*a',
  '<<: ',
  '!!x ',
  '# ',
  '\\',
  '\0',
  '\ud83d',
  '__proto__: ',
  '%',
  '9'.repeat(30),
  '.inf',
  'satellites.',
  'null',
];

interface Mutation {
  readonly at: number;
  readonly cut: number;
  readonly put: string;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat(40),
  put: fc.oneof(fc.constantFrom(...splinters), fc.string({ maxLength: 5 }), fc.constant('')),
});

function mutate(text: string, mutations: readonly Mutation[]): string {
  return mutations.reduce((changed, { at, cut, put }) => {
    const offset = Math.floor(at * changed.length);
    return changed.slice(0, offset) + put + changed.slice(offset + cut);
  }, text);
}

test('YML-10 a mutated file is read or refused with a place, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.constantFrom(...seeds), fc.array(mutation, { minLength: 1, maxLength: 4 }), (seed, mutations) => {
      const text = mutate(seed, mutations);
      const { diagnostics, plan } = readCluster(text, { file: null, catalog });
      expect(plan === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
      for (const { line, column, message } of diagnostics) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(text.split('\n').length);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(message).toMatch(/[.?]$/);
        expect(message).not.toMatch(/undefined|\[object/);
      }
      readEnvironment(text, { file: null });
    }),
    { numRuns: 400 },
  );
}, 60_000);

test('the same file gives the same reading', () => {
  for (const seed of seeds.slice(0, 20)) {
    expect(JSON.stringify(readCluster(seed, { file: null, catalog }))).toBe(JSON.stringify(readCluster(seed, { file: null, catalog })));
  }
});
