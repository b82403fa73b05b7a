import type { ExecutionError, ExecutionStatus, Json, Path } from '@exosphere/model';
import type { ExecutionRow, Ledger } from '@exosphere/ports';
import type { ExecutionFacts, Step } from '@exosphere/run-machine';
import { executionName, stepAt, waitsFor } from '@exosphere/run-machine';
import { loadItems } from './item-object.ts';
import { itemOf } from './item.ts';
import { ObjectTexts } from './object-texts.ts';
import { prepareItem } from './prepare-item.ts';
import { commonDepth, loadReads } from './read-results.ts';
import { Results } from './results.ts';
import type { RunInfo } from './run-info.ts';

/** One execution with all that people ask of it. Secrets stand as `***`. */
export interface ExecutionDescription {
  readonly name: string;
  readonly step: string;
  readonly status: ExecutionStatus;
  readonly attempts: number;
  /** Retries used. */
  readonly retries: number;
  readonly error: ExecutionError | null;
  readonly item: Json;
  /** What it was called with, resolved anew; null where its templates cannot be resolved. */
  readonly config: Json;
  readonly input: Json;
  readonly output: readonly Json[];
  /** Ancestor → its execution, with the index of the object that this one stands for (rule 6). */
  readonly parents: Readonly<Record<string, string>>;
  readonly children: readonly string[];
  /** Of a collect: need → how many executions it gathered. */
  readonly collected: Readonly<Record<string, number>> | null;
  readonly startedAt: number | null;
  readonly endedAt: number;
  readonly metrics: Json;
}

interface Place {
  readonly run: RunInfo;
  readonly ledger: Ledger;
  readonly results: Results;
  readonly texts: ObjectTexts;
  readonly functions: ExecutionFacts['functions'];
}

/** Describes an execution that has a record. */
export async function describeExecution(
  ledger: Ledger,
  run: RunInfo,
  row: ExecutionRow,
  functions: ExecutionFacts['functions'],
): Promise<ExecutionDescription> {
  const texts = new ObjectTexts();
  const place: Place = { run, ledger, texts, functions, results: new Results(ledger, run, texts) };
  const step = stepAt(run.graph, row.step);
  const error = row.error === null ? null : (JSON.parse(row.error) as ExecutionError); // written by the engine
  const resolved = await resolveAgain(place, step, row);
  return {
    name: nameOf(run, row),
    step: step.plan.identifier,
    status: row.status,
    attempts: row.attempts,
    retries: row.retries,
    error,
    ...resolved,
    output: await outputOf(place, step, row),
    parents: await parentsOf(place, step, row),
    children: await childrenOf(place, step, row),
    collected:
      row.collected === null
        ? null
        : Object.fromEntries((step.gate?.needs ?? []).map((need, i) => [stepAt(run.graph, need).plan.identifier, row.collected?.[i] ?? 0])),
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    metrics: row.metrics === null ? null : (JSON.parse(row.metrics) as Json), // the column holds JSON
  };
}

function nameOf(run: RunInfo, row: Pick<ExecutionRow, 'step' | 'path' | 'origin' | 'keyRound'>): string {
  return executionName(
    run.graph,
    { step: stepAt(run.graph, row.step), path: row.path, origin: row.origin, keyRound: row.keyRound },
    run.row.items,
  );
}

async function resolveAgain(place: Place, step: Step, row: ExecutionRow): Promise<{ item: Json; config: Json; input: Json }> {
  const kind = {
    step: row.step,
    path: row.path,
    origin: row.origin,
    keyRound: row.keyRound,
    branch: row.branch,
    isGate: step.gate !== null,
    alone: false,
    begun: false,
    asked: false,
    byHand: null,
  };
  const item = itemOf({ ...kind, attempts: Math.max(0, row.attempts - 1), spent: 0 }, undefined, undefined);
  await loadItems(place.run, step, [item], place.results);
  await loadReads(place.run, step, [item], place.results);
  const secrets = new Map(step.plan.grants.map((name) => [name, '***']));
  const preparation = await prepareItem({ ...place, secrets, satellite: unchecked }, step, item, null);
  const prepared = preparation.kind === 'ready' ? preparation.prepared : null;
  return { item: item.object ?? null, config: prepared?.config ?? null, input: prepared?.input ?? null };
}

/** Nothing is called: what was checked then is only shown now. */
const unchecked = {
  checkConfig: () => null,
  checkInput: () => null,
  checkOutput: () => null,
  callSize: 0,
  invoke: () => Promise.resolve({ kind: 'done' as const }),
  close: () => Promise.resolve(),
};

async function outputOf(place: Place, step: Step, row: ExecutionRow): Promise<readonly Json[]> {
  if (row.output !== null) return [JSON.parse(row.output) as Json]; // the column holds JSON
  if (row.objects === 0 || step.plan.satellite.cardinality === 'one') return [];
  const { path, origin, keyRound } = row;
  return place.ledger.readObjects({ run: row.run, step: row.step, path, origin, keyRound, from: 0, count: Math.min(row.objects, 1_000) });
}

async function parentsOf(place: Place, step: Step, row: ExecutionRow): Promise<Record<string, string>> {
  const { graph } = place.run;
  const parents: Record<string, string> = {};
  const failed = row.origin >= 0 && row.origin < graph.mainCount ? stepAt(graph, row.origin) : null;
  const from = row.origin === -1 ? step : failed;
  if (from !== null) {
    const above = [...from.ancestors].sort((a, b) => a - b);
    for (const index of failed === null ? above : [...above, failed.index]) {
      await addParent(place, parents, { from, path: row.path, target: stepAt(graph, index) });
    }
  }
  for (const index of row.origin === -1 ? [] : [...step.ancestors]) await addChainParent(place, parents, row, stepAt(graph, index));
  return parents;
}

async function addParent(place: Place, parents: Record<string, string>, read: { from: Step; path: Path; target: Step }): Promise<void> {
  const { from, path, target } = read;
  const isGathered = place.run.graph.steps.some((step) => {
    const isBetween = step.index === from.index || from.ancestors.has(step.index);
    return isBetween && step.gate?.kind === 'collect' && waitsFor(place.run.graph, step.gate, target.index);
  });
  if (isGathered || (target !== from && commonDepth(from, target) !== target.depth)) return;
  const at = { step: target.index, path: path.slice(0, target.depth), origin: -1, keyRound: null };
  await place.results.load([at]);
  const facts = place.results.ended(at);
  if (facts === null) return;
  const name = nameOf(place.run, { ...at, keyRound: 0 });
  const index = objectIndex(target, from, path);
  parents[target.plan.identifier] = facts.objects > 0 && index !== null ? `${name}#${String(index)}` : name;
}

/** The index of the one object of `target` that an execution stands for; null: of none. */
function objectIndex(target: Step, from: Step, path: Path): number | null {
  if (!target.fans) return 0;
  if (target === from || !from.plan.path.includes(target.plan.identifier)) return null;
  const index = path[target.depth] ?? -1;
  return index === -1 ? null : index;
}

async function addChainParent(place: Place, parents: Record<string, string>, row: ExecutionRow, target: Step): Promise<void> {
  const at = { step: target.index, path: row.path, origin: row.origin, keyRound: row.keyRound };
  await place.results.load([at]);
  const facts = place.results.ended(at);
  if (facts === null) return;
  parents[target.plan.identifier] = facts.objects === 1 ? `${nameOf(place.run, at)}#0` : nameOf(place.run, at);
}

async function childrenOf(place: Place, step: Step, row: ExecutionRow): Promise<readonly string[]> {
  const { graph } = place.run;
  if (row.origin !== -1 || row.objects === 0) return [];
  const names: string[] = [];
  for (const child of graph.steps.filter((one) => one.plan.needs.includes(step.plan.identifier) && !one.inChain)) {
    const paths = child.gate === null ? pathsBelow(step, row) : [row.path.slice(0, child.depth)];
    const rows = await place.ledger.readExecutions({ run: row.run, step: child.index, origin: -1, keyRound: null, paths });
    // a gate that was decided in an earlier round did not wait for this one (rule 51)
    names.push(...rows.filter((one) => child.gate === null || one.round >= row.round).map((one) => nameOf(place.run, one)));
  }
  return names;
}

function pathsBelow(step: Step, row: ExecutionRow): readonly Path[] {
  if (!step.fans) return [row.path];
  return Array.from({ length: Math.min(row.objects, 1_000) }, (_, i) => [...row.path, i]);
}
