import type { JsonObject, Path } from '@exosphere/model';
import { testPlan } from '@exosphere/testkit/test-catalog';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endExecution } from './end-execution.ts';
import type { Gate, Graph } from './graph.ts';
import { buildGraph, inChainRange, settleNumber, stepAt, waitsFor } from './graph.ts';
import type { GateChange, Seed } from './spread.ts';
import { startRun } from './start-run.ts';

const one = (identifier: string, needs: readonly string[] = [], more: JsonObject = {}): JsonObject => ({
  ...{ identifier, uses: 'test/echo', needs },
  ...more,
});
const many = (identifier: string, needs: readonly string[] = [], more: JsonObject = {}): JsonObject => ({
  ...one(identifier, needs, more),
  uses: 'test/split',
});

const clusters = {
  'a line': [one('a'), one('b', ['a']), one('c', ['b'])],
  'a diamond': [one('a'), one('b', ['a']), one('c', ['a']), one('d', ['b', 'c']), one('e', ['d'])],
  'a diamond of which one side fans out': [one('a'), many('b', ['a']), one('c', ['b']), one('d', ['a']), one('e', ['c', 'd'])],
  'a fan-out that is collected by the run': [many('a'), one('b', ['a']), one('c', ['b'], { collect: 'run' }), one('d', ['c'])],
  'a fan-out in a fan-out that is collected by the outer one': [
    many('a'),
    many('b', ['a']),
    one('c', ['b']),
    one('d', ['c'], { collect: 'a' }),
  ],
  'a join within the objects of a list': [
    many('a'),
    one('b', ['a']),
    one('c', ['a']),
    one('d', ['b', 'c']),
    one('e', ['d'], { collect: 'run' }),
  ],
  'two roots': [one('a'), one('b'), one('c', ['a', 'b'])],
} satisfies Record<string, readonly JsonObject[]>;

function graphOf(name: keyof typeof clusters, more: JsonObject = {}): Graph {
  return buildGraph(testPlan({ satellites: clusters[name], ...more }));
}

const nameOf = (graph: Graph, index: number): string => stepAt(graph, index).plan.identifier;
const namesOf = (graph: Graph, indexes: Iterable<number>): string => [...indexes].map((index) => nameOf(graph, index)).join(' ');

/** A step in one line: how many indexes its paths have, what is made by its objects, what it is itself, which gates wait for it. */
function lineOf(graph: Graph, index: number): string {
  const { depth, fans, children, gatesBelow, gate, gatesBehind } = stepAt(graph, index);
  const gateNames = (gates: readonly Gate[]): string => gates.map((other) => nameOf(graph, other.step)).join(' ');
  return [
    `depth ${String(depth)}${fans ? ', fans' : ''}`,
    ...(children.length === 0 ? [] : [`makes ${namesOf(graph, children)}`]),
    ...(gatesBelow.length === 0 ? [] : [`per object ${gateNames(gatesBelow)}`]),
    ...(gate === null ? [] : [gateLine(graph, gate)]),
    ...gatesBehind.map((behind) => `${nameOf(graph, behind.gate.step)} waits, and for ${String(behind.following)} an object`),
  ].join('; ');
}

function gateLine(graph: Graph, { kind, scope, needs, initial }: Gate): string {
  const place = scope.kind === 'step' ? nameOf(graph, scope.step) : scope.kind;
  return `${kind} of ${namesOf(graph, needs)} per ${place}, ${String(initial)} open`;
}

describe('the graph of a plan', () => {
  it.each<[keyof typeof clusters, Record<string, string>]>([
    ['a line', { a: 'depth 1; makes b', b: 'depth 1; makes c', c: 'depth 1' }],
    [
      'a diamond',
      {
        a: 'depth 1; makes b c; per object d',
        b: 'depth 1; d waits, and for 0 an object',
        c: 'depth 1; d waits, and for 0 an object',
        d: 'depth 1; makes e; join of b c per a, 2 open',
        e: 'depth 1',
      },
    ],
    [
      'a diamond of which one side fans out',
      {
        a: 'depth 1; makes b d; per object e',
        b: 'depth 1, fans; makes c; e waits, and for 1 an object',
        c: 'depth 2; e waits, and for 0 an object',
        d: 'depth 1; e waits, and for 0 an object',
        e: 'depth 1; join of c d per a, 2 open',
      },
    ],
    [
      'a fan-out that is collected by the run',
      {
        a: 'depth 1, fans; makes b; c waits, and for 1 an object',
        b: 'depth 2; c waits, and for 0 an object',
        c: 'depth 0; makes d; collect of b per run, 0 open',
        d: 'depth 0',
      },
    ],
    [
      'a fan-out in a fan-out that is collected by the outer one',
      {
        a: 'depth 1, fans; makes b; per object d',
        b: 'depth 2, fans; makes c; d waits, and for 1 an object',
        c: 'depth 3; d waits, and for 0 an object',
        d: 'depth 2; collect of c per a, 1 open',
      },
    ],
    [
      'a join within the objects of a list',
      {
        a: 'depth 1, fans; makes b c; per object d; e waits, and for 3 an object',
        b: 'depth 2; d waits, and for 0 an object; e waits, and for 0 an object',
        c: 'depth 2; d waits, and for 0 an object; e waits, and for 0 an object',
        d: 'depth 2; join of b c per a, 2 open; e waits, and for 0 an object',
        e: 'depth 0; collect of d per run, 0 open',
      },
    ],
    [
      'two roots',
      {
        a: 'depth 1; c waits, and for 0 an object',
        b: 'depth 1; c waits, and for 0 an object',
        c: 'depth 1; join of a b per trigger, 2 open',
      },
    ],
  ])('%s', (name, lines) => {
    const graph = graphOf(name);
    expect(Object.fromEntries(graph.steps.map((step) => [step.plan.identifier, lineOf(graph, step.index)]))).toEqual(lines);
  });

  it('begins a run with its roots once per item, and with what waits for the run as a whole', () => {
    const { seeds, gates } = startRun(
      graphOf('two roots', { satellites: [...clusters['two roots'], one('all', ['c'], { collect: 'run' })] }),
      3,
    );
    expect(seeds.map(({ step, path, fan }) => ({ step, path, fan }))).toEqual([
      { step: 0, path: [], fan: { from: 0, count: 3 } },
      { step: 1, path: [], fan: { from: 0, count: 3 } },
    ]);
    // two roots and their join, for each of three items
    expect(gates.map(({ gate, path, open }) => ({ step: gate.step, path, open }))).toEqual([{ step: 3, path: [], open: 9 }]);
  });

  it('numbers the steps of the failure chain behind the others, and knows whose failures start it', () => {
    const failure = { from: 'b', satellites: [one('x'), one('y', ['x'])] };
    const graph = graphOf('a diamond', { failure });
    expect([graph.mainCount, namesOf(graph, graph.chainRoots), namesOf(graph, stepAt(graph, 5).children)]).toEqual([5, 'x', 'y']);
    expect(graph.steps.filter((step) => step.startsChain).map((step) => step.plan.identifier)).toEqual(['b', 'd', 'e']);
    expect(graph.steps.filter((step) => step.inChain).map((step) => step.depth)).toEqual([0, 0]);
  });

  it('starts no chain of the run per item, but has the same range', () => {
    const graph = graphOf('a diamond', { failure: { from: 'b', per: 'run', satellites: [one('x')] } });
    expect(graph.steps.some((step) => step.startsChain)).toBe(false);
    expect(['a', 'b', 'c', 'd', 'e'].filter((identifier) => inChainRange(graph.plan, identifier))).toEqual(['b', 'd', 'e']);
  });

  it('judges a percentage by the objects of the innermost list, once that list has settled', () => {
    const failure = { tolerate: '10%', satellites: [one('x')] };
    const graph = graphOf('a fan-out in a fan-out that is collected by the outer one', { failure });
    expect(graph.steps.map((step) => step.toleranceBasis)).toEqual([-1, 0, 1, 0, -1]);
    expect(graph.runGates.map(({ kind, step, needs }) => ({ kind, step, needs }))).toEqual([
      { kind: 'settle', step: settleNumber(0), needs: [0] },
      { kind: 'settle', step: settleNumber(1), needs: [1] },
    ]);
  });
});

interface Due {
  readonly step: number;
  readonly path: Path;
}

/** Plays a run in which everything completes, in any order; `sizes` are those of the lists, `order` says who ends next. */
function play(
  graph: Graph,
  items: number,
  sizes: readonly number[],
  order: readonly number[],
): { ended: readonly Due[]; open: readonly number[] } {
  const open = new Map<string, number>();
  const due: Due[] = [];
  const ended: Due[] = [];
  const circumstances = { round: 1, control: 'go' } as const;
  const take = (seeds: readonly Seed[], gates: readonly GateChange[]): void => {
    for (const { step, path, fan } of seeds) {
      if (fan === null) due.push({ step, path });
      else for (let i = 0; i < fan.count; i += 1) due.push({ step, path: [...path, fan.from + i] });
    }
    for (const change of gates) {
      const key = `${String(change.gate.step)}|${change.path.join('.')}`;
      const left = (open.get(key) ?? change.initial) + change.open;
      open.set(key, left);
      if (left !== 0) continue;
      const early = due.filter(
        ({ step, path }) => waitsFor(graph, change.gate, step) && change.path.every((index, i) => path[i] === index),
      );
      expect({ gate: key, firedBefore: early }).toEqual({ gate: key, firedBefore: [] });
      due.push({ step: change.gate.step, path: change.path });
    }
  };
  const start = startRun(graph, items);
  take(start.seeds, start.gates);
  for (let turn = 0; due.length > 0; turn += 1) {
    const [next] = due.splice((order[turn % order.length] ?? 0) % due.length, 1);
    if (next === undefined) break;
    ended.push(next);
    const step = stepAt(graph, next.step);
    const count = step.fans ? (sizes[turn % sizes.length] ?? 0) : 1;
    const plain = { origin: -1, keyRound: 0, branch: 'live', status: 'completed', from: 0, final: true } as const;
    const spread = endExecution(
      graph,
      { ...plain, step, path: next.path, count, total: count, unmet: false, consequence: false, passes: false, byCondition: false },
      circumstances,
    );
    take(spread.seeds, spread.gates);
  }
  return { ended, open: [...open.values()] };
}

describe('a run in which everything completes', () => {
  it.each(Object.keys(clusters) as (keyof typeof clusters)[])(
    'asks each gate of %s once, when all before it has ended, in any order',
    (name) => {
      const graph = graphOf(name);
      const size = fc.nat({ max: 3 });
      const order = fc.array(fc.nat(), { minLength: 1, maxLength: 30 });
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 3 }), fc.array(size, { minLength: 1, maxLength: 9 }), order, (items, sizes, turns) => {
          const { ended, open } = play(graph, items, sizes, turns);
          expect(open.filter((left) => left !== 0)).toEqual([]);
          const names = ended.map(({ step, path }) => `${nameOf(graph, step)}[${path.join('.')}]`);
          expect(new Set(names).size).toBe(names.length);
          for (const gate of graph.steps.flatMap((step) => step.gate ?? [])) {
            const asked = ended.filter(({ step }) => step === gate.step).length;
            expect([gate.step, asked]).toEqual([gate.step, instances(graph, gate, ended, items)]);
          }
        }),
      );
    },
  );
});

/** How many objects the scope of a gate has: as many as there are of what one of its objects makes. */
function instances(graph: Graph, gate: Gate, ended: readonly Due[], items: number): number {
  if (gate.scope.kind === 'run') return 1;
  if (gate.scope.kind === 'trigger') return items;
  const [child] = gate.scope.kind === 'step' ? stepAt(graph, gate.scope.step).children : [];
  return ended.filter(({ step }) => step === child).length;
}
