import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isJsonObject } from '@exosphere/model';
import { expect, test } from 'vitest';
import { withChanges } from './worked-example-variant.ts';
import { workedExamples, workedExamplesFile } from './worked-examples.ts';

const digest = 'f2be9a94b4b23fce119fc0d824a82ec29bd394be0f5d1747cef8df83c275777a';

test('the worked examples are the specification, byte for byte', () => {
  expect(createHash('sha256').update(readFileSync(workedExamplesFile)).digest('hex')).toBe(digest);
});

test('thirty examples with their variants give 101 cases, each with a name of its own', () => {
  const names = workedExamples().map(({ name }) => name);
  expect(names).toHaveLength(101);
  expect(new Set(names).size).toBe(101);
  expect(new Set(names.map((name) => name.split(':')[0])).size).toBe(30);
});

test('a variant sets and removes by identifier, and keeps what it does not name', () => {
  const cluster = { retries: 2, satellites: [{ identifier: 'a', config: { n: 1 } }, { identifier: 'b' }] };
  expect(withChanges(cluster, { retries: null, 'satellites/a/config/n': 2, 'satellites/b': null, 'failure/from': 'a' })).toEqual({
    satellites: [{ identifier: 'a', config: { n: 2 } }],
    failure: { from: 'a' },
  });
});

test('every cluster of a case is a file with a version and steps', () => {
  for (const { cluster, name } of workedExamples()) {
    expect(cluster['version'], name).toBe('0.0.1b');
    expect(isJsonObject(cluster['cluster']) && cluster['cluster']['satellites'], name).toBeInstanceOf(Array);
  }
});
