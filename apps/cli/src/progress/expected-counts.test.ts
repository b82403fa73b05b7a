import { readCluster } from '@exosphere/cluster';
import type { CountDelta } from '@exosphere/ports';
import { asId } from '@exosphere/model';
import type { RunId } from '@exosphere/model';
import { buildGraph } from '@exosphere/run-machine';
import type { Graph } from '@exosphere/run-machine';
import { testCatalog } from '@exosphere/testkit/test-catalog';
import { testCatalogManifests } from '@exosphere/testkit';
import { describe, expect, it } from 'vitest';
import { endedOf, stepProgress } from './expected-counts.ts';

const run = asId<RunId>('run');

const step = (identifier: string, uses: string, more: object = {}): object => ({
  identifier,
  uses: `satellite/test/${uses}`,
  ...(uses === 'list' ? { config: { items: [] } } : {}),
  ...more,
});

function graphOf(steps: readonly object[]): Graph {
  const cluster = { version: '0.0.1b', cluster: { identifier: 'p/c', sla: '6h', trigger: { 'api-call': {} }, satellites: steps } };
  const { plan, diagnostics } = readCluster(JSON.stringify(cluster), {
    file: null,
    catalog: testCatalog({ manifests: testCatalogManifests, clusters: {} }),
  });
  if (plan === null) throw new Error(JSON.stringify(diagnostics));
  return buildGraph(plan);
}

const counts = (graph: Graph, given: Readonly<Record<string, Partial<Record<CountDelta['kind'], number>>>>): readonly CountDelta[] =>
  Object.entries(given).flatMap(([name, kinds]) =>
    Object.entries(kinds).map(([kind, add]) => ({ run, step: graph.numberOf.get(name) ?? -1, kind: kind as CountDelta['kind'], add })),
  );

const graph = graphOf([
  step('list', 'list'),
  step('read', 'echo'),
  step('send', 'echo'),
  step('sum', 'echo', { collect: 'run', needs: ['send'] }),
]);

describe('what is expected of a run', () => {
  const shown = (given: Parameters<typeof counts>[1], items = 1): unknown =>
    stepProgress(graph, counts(graph, given), items).map((one) => [one.step.plan.identifier, endedOf(one), one.expected, one.isOpen]);

  it('is one execution of each root, and nothing else yet', () => {
    expect(shown({})).toEqual([
      ['list', 0, 1, true],
      ['read', 0, 0, true],
      ['send', 0, 0, true],
      ['sum', 0, 1, true],
    ]);
  });

  it('is one root for each item of the trigger', () => {
    expect(shown({}, 7)).toContainEqual(['list', 0, 7, true]);
  });

  it('grows with what a list hands on, and shrinks with what fails', () => {
    const given = { list: { completed: 1, objects: 10 }, read: { completed: 4, failed: 1 }, send: { completed: 2 } };
    expect(shown(given)).toEqual([
      ['list', 1, 1, false],
      ['read', 5, 10, true],
      ['send', 2, 9, true],
      ['sum', 0, 1, true],
    ]);
  });

  it('is done when everything has ended', () => {
    const given = { list: { completed: 1, objects: 2 }, read: { completed: 1, skipped: 1 }, send: { completed: 1 }, sum: { failed: 1 } };
    expect(shown(given)).toEqual([
      ['list', 1, 1, false],
      ['read', 2, 2, false],
      ['send', 1, 1, false],
      ['sum', 1, 1, false],
    ]);
  });

  it('may grow while a list is not at its end', () => {
    const growing = (given: Parameters<typeof counts>[1]): unknown => stepProgress(graph, counts(graph, given), 1).map((one) => one.grows);
    expect(growing({ list: { objects: 5 } })).toEqual([false, true, true, false]);
    expect(growing({ list: { completed: 1, objects: 5 } })).toEqual([false, false, false, false]);
  });
});
