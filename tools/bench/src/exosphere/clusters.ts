import type { Json, JsonObject } from '@exosphere/model';

type Step = Readonly<Record<string, Json>>;

function cluster(name: string, satellites: readonly Step[]): JsonObject {
  return { version: '0.0.1b', cluster: { identifier: `bench/${name}`, sla: '6h', trigger: { 'api-call': {} }, satellites } };
}

function list(identifier: string, count: number): Step {
  return { uses: 'bench/list', identifier, config: { count } };
}

function chain(length: number, uses: string): readonly Step[] {
  return Array.from({ length }, (_, i) => ({ uses, identifier: `step-${String(i)}` }));
}

/** One list, and so many steps for each of its objects. */
export function fanOut(items: number, steps: number, uses = 'bench/no-op'): JsonObject {
  return cluster(`fan-out-${uses.replaceAll('/', '-')}`, [list('list', items), ...chain(steps, uses)]);
}

/** So many steps one after another. */
export function oneAfterAnother(steps: number): JsonObject {
  return cluster('chain', chain(steps, 'bench/no-op'));
}

/** Everything of a list, gathered once. */
export function gatherAll(items: number): JsonObject {
  return cluster('gather-all', [
    list('list', items),
    { uses: 'bench/no-op', identifier: 'each' },
    { uses: 'bench/no-op', identifier: 'gather', collect: 'run' },
  ]);
}

/** A list of lists, gathered once for each object of the outer one. */
export function gatherEach(outer: number, inner: number): JsonObject {
  return cluster('gather-each', [
    list('outer', outer),
    list('inner', inner),
    { uses: 'bench/no-op', identifier: 'each' },
    { uses: 'bench/no-op', identifier: 'gather', collect: 'outer' },
  ]);
}
