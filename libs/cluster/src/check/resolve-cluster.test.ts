import { expect, test } from 'vitest';
import { createReport } from '../read/report.ts';
import type { Catalog } from './catalog.ts';
import { resolveCluster } from './resolve-cluster.ts';

/** A catalog of clusters that only use one another. */
function catalogOf(uses: Readonly<Record<string, readonly string[]>>): Catalog {
  return {
    satellite: () => 'unknown',
    cluster: (identifier) => {
      const inner = uses[identifier];
      return inner === undefined ? 'unknown' : { identifier, version: '1', digest: 'sha256:0', slaMs: 1, inputs: {}, uses: inner };
    },
    names: () => Object.keys(uses).map((identifier) => `cluster/${identifier}`),
  };
}

function resolve(identifier: string, uses: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const report = createReport(null, () => ({ line: 1, column: 1 }));
  const node = { kind: 'scalar', value: identifier, raw: identifier, big: false, shared: false, start: 0, end: 0 } as const;
  const found = resolveCluster({ value: identifier, node, start: 0, at: 'uses' }, identifier, {
    catalog: catalogOf(uses),
    cluster: 'p/own',
    report,
  });
  return found === null ? report.diagnostics().map(({ message }) => message) : [`found ${found.identifier}`];
}

const row = (count: number): Record<string, readonly string[]> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p/c${index + 1}`, index + 1 === count ? [] : [`p/c${index + 2}`]]));

test('a cluster that runs others is found, also where two of them run the same', () => {
  expect(resolve('p/a', { 'p/a': ['p/b', 'p/c'], 'p/b': ['p/d'], 'p/c': ['p/d'], 'p/d': [] })).toEqual(['found p/a']);
});

test('eight levels are allowed, one more is not', () => {
  expect(resolve('p/c1', row(7))).toEqual(['found p/c1']);
  expect(resolve('p/c1', row(8))).toEqual([
    'Clusters may run clusters 8 levels deep, and this is more: p/own → p/c1 → p/c2 → p/c3 → p/c4 → p/c5 → p/c6 → p/c7 → p/c8.',
  ]);
});

test('a cluster that comes back to itself is refused with the way', () => {
  expect(resolve('p/own', {})).toEqual(["Cluster 'p/own' would run itself: p/own → p/own. Take one of these steps out."]);
  expect(resolve('p/a', { 'p/a': ['p/b'], 'p/b': ['p/own'] })).toEqual([
    "Cluster 'p/own' would run itself: p/own → p/a → p/b → p/own. Take one of these steps out.",
  ]);
});

test('a wide catalog of many levels is walked once', () => {
  const layer = (level: number): readonly string[] => Array.from({ length: 30 }, (_, index) => `p/l${level}-${index}`);
  const wide = Object.fromEntries(
    [1, 2, 3, 4, 5, 6].flatMap((level) => layer(level).map((name) => [name, level === 6 ? [] : layer(level + 1)])),
  );
  expect(resolve('p/top', { ...wide, 'p/top': layer(1) })).toEqual(['found p/top']);
});
