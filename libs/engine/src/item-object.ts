import type { Json, Path } from '@exosphere/model';
import type { Step } from '@exosphere/run-machine';
import { stepAt } from '@exosphere/run-machine';
import type { Item } from './item.ts';
import type { ExecutionAt, Results } from './results.ts';
import type { RunInfo } from './run-info.ts';
import { triggerObject } from './run-info.ts';

/** Where the item of an execution comes from (rules 1, 9, 41). */
export type ItemSource =
  | { readonly kind: 'known'; readonly object: Json }
  /** Object at the end of `path` of a list; step -1: the trigger's items. */
  | { readonly kind: 'object'; readonly step: number; readonly path: Path }
  /** What an execution handed on as its one object (in a chain: of `many`, its whole list). */
  | { readonly kind: 'output'; readonly at: ExecutionAt; readonly asList: boolean };

/** Tells where the item of an execution comes from, without loading anything. */
export function itemSource(run: RunInfo, step: Step, item: Pick<Item, 'path' | 'origin' | 'keyRound' | 'branch'>): ItemSource {
  if (item.origin !== -1) return chainSource(run, step, item);
  if (item.branch !== 'live' && (step.gate === null || item.path.includes(-1))) return { kind: 'known', object: null };
  if (step.gate !== null) return scopeSource(run, step, item.path);
  return step.parent === null ? triggerSource(run, item.path) : outputSource(run, step.parent, item.path);
}

function triggerSource(run: RunInfo, path: Path): ItemSource {
  if (run.row.items === 1) return { kind: 'known', object: triggerObject(run.row) };
  return { kind: 'object', step: -1, path: path.slice(0, 1) };
}

function outputSource(run: RunInfo, parent: number, path: Path): ItemSource {
  if (stepAt(run.graph, parent).fans) return { kind: 'object', step: parent, path };
  return { kind: 'output', at: { step: parent, path, origin: -1, keyRound: null }, asList: false };
}

function scopeSource(run: RunInfo, step: Step, path: Path): ItemSource {
  const scope = step.gate?.scope ?? { kind: 'run' };
  switch (scope.kind) {
    case 'step':
      return outputSource(run, scope.step, path);
    case 'trigger':
      return triggerSource(run, path);
    case 'run':
    case 'chain':
      return { kind: 'known', object: run.row.items === 1 ? triggerObject(run.row) : run.row.inputs };
  }
}

function chainSource(run: RunInfo, step: Step, item: Pick<Item, 'path' | 'origin' | 'keyRound' | 'branch'>): ItemSource {
  if (item.branch !== 'live' && step.gate === null && step.parent !== null) return { kind: 'known', object: null };
  if (step.gate === null && step.parent !== null) {
    const parent = stepAt(run.graph, step.parent);
    const at = { step: step.parent, path: item.path, origin: item.origin, keyRound: item.keyRound };
    return { kind: 'output', at, asList: parent.plan.satellite.cardinality === 'many' };
  }
  if (item.origin >= run.graph.mainCount) return { kind: 'known', object: null };
  return itemSource(run, stepAt(run.graph, item.origin), { path: item.path, origin: -1, keyRound: 0, branch: 'live' });
}

/** Loads the objects of these items, in as few reads as there are places that they come from. */
export async function loadItems(run: RunInfo, step: Step, items: readonly Item[], results: Results): Promise<void> {
  const missing = items.filter((item) => item.object === undefined || item.made === undefined);
  if (missing.length === 0) return;
  const sources = new Map(missing.map((item) => [item, itemSource(run, step, item)]));
  const objects = new Map<number, Path[]>();
  const outputs: ExecutionAt[] = [];
  for (const source of sources.values()) {
    if (source.kind === 'object') objects.set(source.step, [...(objects.get(source.step) ?? []), source.path]);
    if (source.kind === 'output') outputs.push(source.at);
  }
  for (const [from, paths] of objects) await results.loadObjects(from, paths);
  await results.load(outputs);
  await results.load(missing.flatMap((item) => madeBy(run, step, item)));
  for (const [item, source] of sources) {
    item.object ??= await objectOf(source, results);
    item.made ??= madeAt(run, step, item, results);
  }
}

async function objectOf(source: ItemSource, results: Results): Promise<Json> {
  switch (source.kind) {
    case 'known':
      return source.object;
    case 'object':
      return results.object(source.step, source.path);
    case 'output':
      return source.asList ? results.wholeList(source.at) : (results.ended(source.at)?.object ?? null);
  }
}

/** The execution whose end made this one. */
function madeBy(run: RunInfo, step: Step, item: Item): readonly ExecutionAt[] {
  if (item.origin >= run.graph.mainCount) return [];
  if (item.origin !== -1 && step.parent === null) {
    return [{ step: item.origin, path: item.path, origin: -1, keyRound: null }];
  }
  if (step.parent === null) return [];
  const parent = stepAt(run.graph, step.parent);
  const path = parent.fans ? item.path.slice(0, -1) : item.path;
  return [{ step: step.parent, path, origin: item.origin, keyRound: item.origin === -1 ? null : item.keyRound }];
}

function madeAt(run: RunInfo, step: Step, item: Item, results: Results): number {
  const [by] = madeBy(run, step, item);
  return (by === undefined ? null : results.ended(by)?.endedAt) ?? run.row.acceptedAt;
}

/** The item of any execution, loaded on its own. */
export async function objectOfExecution(
  run: RunInfo,
  at: Pick<Item, 'step' | 'path' | 'origin' | 'keyRound'>,
  results: Results,
): Promise<Json> {
  const source = itemSource(run, stepAt(run.graph, at.step), { ...at, branch: 'live' });
  if (source.kind === 'object') await results.loadObjects(source.step, [source.path]);
  if (source.kind === 'output') await results.load([source.at]);
  return objectOf(source, results);
}
