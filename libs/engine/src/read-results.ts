import type { ExecutionError, Json, JsonObject, Path, StepRead } from '@exosphere/model';
import { InternalError } from '@exosphere/model';
import type { ExecutionRow, Ledger } from '@exosphere/ports';
import type { ReadResult, Step } from '@exosphere/run-machine';
import { inChainRange, stepAt, waitsFor } from '@exosphere/run-machine';
import type { Item } from './item.ts';
import type { EndedFacts, ExecutionAt, Results } from './results.ts';
import type { RunInfo } from './run-info.ts';

/** Where results are read from. */
interface Source {
  readonly run: RunInfo;
  readonly results: Results;
  readonly ledger: Ledger;
}

/** An execution from whose place other steps are read: an item's own, or in a chain the failed one's. */
interface Place {
  readonly step: Step;
  readonly path: Path;
}

/** Loads, for many items of one step at once, the single results that its templates read. */
export async function loadReads(run: RunInfo, step: Step, items: readonly Item[], results: Results): Promise<void> {
  for (const read of step.plan.reads) {
    const target = targetOf(run, read);
    if (read.as === 'list') continue;
    const places = items.flatMap((item) => placeOf(run, step, item, target) ?? []);
    await results.load(places.map((place) => executionOf(target, place)));
    if (read.as === 'one' && target.fans)
      await results.loadObjects(
        target.index,
        places.map((place) => place.path.slice(0, target.depth + 1)),
      );
  }
  const origins = items.flatMap((item) => originOf(run, item) ?? []);
  await results.load(origins);
}

/** What the templates of a step read, for one item; {@link loadReads} came before. */
export async function readResults(source: Source, step: Step, item: Item): Promise<readonly ReadResult[]> {
  const read: ReadResult[] = [];
  for (const one of step.plan.reads) read.push(await readOne(source, step, item, one));
  return read;
}

async function readOne({ run, results, ledger }: Source, step: Step, item: Item, read: StepRead): Promise<ReadResult> {
  const target = targetOf(run, read);
  if (target.inChain && item.origin !== -1) {
    const at = { step: target.index, path: item.path, origin: item.origin, keyRound: item.keyRound };
    return singleResult(results, read, { at, failure: null, objectPath: null });
  }
  if (item.origin >= run.graph.mainCount && item.origin !== -1)
    return listResult(read, await onFailedLineages(run, target, results, ledger));
  const place = placeOf(run, step, item, target);
  if (place === null) return nothing(read);
  const inParts = run.templates(step.index).usedInParts.has(read.step.toLowerCase());
  if (read.as === 'list') return listResult(read, await listAt({ run, place, target, results, inParts }, read));
  const origin = originOf(run, item);
  const failure = origin === null ? null : (results.ended(origin)?.error ?? null);
  const objectPath = target.fans ? place.path.slice(0, target.depth + 1) : null;
  return singleResult(results, read, { at: executionOf(target, place), failure, objectPath });
}

/** The step that is read. */
export function targetOf(run: RunInfo, read: StepRead): Step {
  const index = run.graph.numberOf.get(read.step);
  if (index === undefined) throw new InternalError(`the plan reads '${read.step}', which it does not have`);
  return stepAt(run.graph, index);
}

/** From where a main step is read. Null: it is not on the lineage of this failure. */
function placeOf(run: RunInfo, step: Step, item: Item, target: Step): Place | null {
  if (item.origin === -1) return { step, path: item.path };
  if (target.inChain || item.origin >= run.graph.mainCount) return null;
  const failed = stepAt(run.graph, item.origin);
  const isOnLineage = target.index === failed.index || failed.ancestors.has(target.index);
  return isOnLineage ? { step: failed, path: item.path } : null;
}

function executionOf(target: Step, place: Place): ExecutionAt {
  return { step: target.index, path: place.path.slice(0, target.depth), origin: -1, keyRound: null };
}

/** The failed execution that an item of a chain is about. */
export function originOf(run: RunInfo, item: Pick<Item, 'origin' | 'path'>): ExecutionAt | null {
  if (item.origin === -1 || item.origin >= run.graph.mainCount) return null;
  return { step: item.origin, path: item.path, origin: -1, keyRound: null };
}

/** One execution that is read. */
interface Single {
  readonly at: ExecutionAt;
  /** The error of the failure that a chain is about. */
  readonly failure: ExecutionError | null;
  /** The object of the list that is meant, where the step fans out. */
  readonly objectPath: Path | null;
}

async function singleResult(results: Results, read: StepRead, single: Single): Promise<ReadResult> {
  const { at, failure } = single;
  await results.load([at]);
  const facts = results.ended(at);
  const output = await outputOf(results, read, single, facts);
  return {
    read,
    output,
    error: facts?.error ?? failure,
    status: facts?.status ?? 'skipped',
    retries: facts?.retries ?? 0,
    metrics: facts?.metrics ?? null,
    startedAt: isoOrNull(facts?.startedAt ?? null),
    endedAt: isoOrNull(facts?.endedAt ?? null),
    parents: null,
  };
}

async function outputOf(results: Results, read: StepRead, { at, objectPath }: Single, facts: EndedFacts | null): Promise<Json> {
  if (!read.attributes.includes('output')) return null;
  if (objectPath !== null && read.as === 'one') return results.object(at.step, objectPath);
  if (objectPath === null) return facts?.object ?? null;
  return facts === null || facts.objects === 0 ? [] : results.wholeList(at);
}

async function listAt(
  from: { run: RunInfo; place: Place; target: Step; results: Results; inParts: boolean },
  read: StepRead,
): Promise<{ output: Json; errors: readonly Json[] }> {
  const { run, place, target, results, inParts } = from;
  const scope = place.path.slice(0, commonDepth(place.step, target));
  const upToRound = run.row.round === 1 ? null : await snapshotRound(run, place, target, results);
  const list = { step: target.index, scope, upToRound };
  const load = (): Promise<readonly Json[]> => results.listBelow(target.index, scope, upToRound);
  return {
    output: !read.attributes.includes('output') ? null : inParts ? await load() : await results.listOrFile(list, load),
    errors: read.attributes.includes('error') ? await results.errorsBelow(target.index, scope, upToRound) : [],
  };
}

/** How many indexes the paths of two steps have in common. */
export function commonDepth(a: Step, b: Step): number {
  if (a.plan.rooted !== b.plan.rooted) return 0;
  const sharedSteps = a.plan.path.findIndex((identifier, i) => b.plan.path[i] !== identifier);
  const shared = sharedSteps === -1 ? a.plan.path.length : sharedSteps;
  const isWholePath = shared === a.plan.path.length;
  return isWholePath ? a.depth : Math.min(b.depth, depthOf(a, shared));
}

/** How many indexes the first `length` steps of a path make. */
function depthOf(step: Step, length: number): number {
  return step.fanDepths[length] ?? step.depth;
}

/** The round of the collect that gathered `target` for a step below it: what ended later is not in its snapshot (rule 24). */
async function snapshotRound(run: RunInfo, place: Place, target: Step, results: Results): Promise<number | null> {
  const collects = run.graph.steps.filter(
    (step) => step.gate?.kind === 'collect' && place.step.ancestors.has(step.index) && waitsFor(run.graph, step.gate, target.index),
  );
  const first = collects.find((step) => !collects.some((other) => step.ancestors.has(other.index)));
  if (first === undefined) return null;
  const at = { step: first.index, path: place.path.slice(0, first.depth), origin: -1, keyRound: null };
  await results.load([at]);
  return results.ended(at)?.round ?? null;
}

/** For a chain `per: run`: what a step handed on, on the lineages of what failed, each once (rule 42). */
async function onFailedLineages(
  run: RunInfo,
  target: Step,
  results: Results,
  ledger: Ledger,
): Promise<{ output: Json; errors: readonly Json[] }> {
  const failed = await failedInRange(run, ledger);
  // where the step itself succeeded, its error is that of the descendant that failed the item
  const isOnLineage = (row: ExecutionRow): boolean => row.step === target.index || stepAt(run.graph, row.step).ancestors.has(target.index);
  const errors = failed.flatMap((row) => {
    if (row.error === null || !isOnLineage(row)) return [];
    return [JSON.parse(row.error) as JsonObject]; // written by this engine
  });
  const paths = new Map<string, Path>();
  for (const row of failed) {
    if (!stepAt(run.graph, row.step).ancestors.has(target.index)) continue;
    const path = row.path.slice(0, target.depth + (target.fans ? 1 : 0));
    paths.set(path.join('.'), path);
  }
  const sorted = [...paths.values()].sort(comparePaths);
  if (target.fans) {
    await results.loadObjects(target.index, sorted);
    return { output: sorted.map((path) => results.object(target.index, path)), errors };
  }
  const places = sorted.map((path): ExecutionAt => ({ step: target.index, path, origin: -1, keyRound: null }));
  await results.load(places);
  return { output: places.map((at) => results.ended(at)?.object ?? null), errors };
}

/** Failed executions in the range of the failure chain, in item order. */
export async function failedInRange(run: RunInfo, ledger: Ledger): Promise<readonly ExecutionRow[]> {
  const rows: ExecutionRow[] = [];
  let after: ExecutionRow | undefined;
  do {
    const key = after === undefined ? null : { step: after.step, path: after.path, origin: after.origin, round: after.keyRound };
    const page = await ledger.readEnded(run.row.id, { after: key, limit: 1_000, which: 'failed' });
    rows.push(...page.filter((row) => isInRange(run, row)));
    after = page.at(-1);
  } while (after !== undefined);
  return rows.sort((a, b) => comparePaths(a.path, b.path) || a.step - b.step);
}

function isInRange(run: RunInfo, row: ExecutionRow): boolean {
  return row.origin === -1 && row.note !== 'consequence' && inChainRange(run.graph.plan, stepAt(run.graph, row.step).plan.identifier);
}

/** Item order: by the indexes, outermost first. */
export function comparePaths(a: Path, b: Path): number {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** A step that is read as a list. */
export function listResult(read: StepRead, list: { output: Json; errors: readonly Json[] }): ReadResult {
  return { ...nothing(read), output: list.output, error: list.errors as unknown as readonly ExecutionError[] }; // the errors of the list are ExecutionErrors
}

function nothing(read: StepRead): ReadResult {
  return { read, output: null, error: null, status: null, retries: null, metrics: null, startedAt: null, endedAt: null, parents: null };
}

function isoOrNull(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
