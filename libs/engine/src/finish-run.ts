import type { RunId } from '@exosphere/model';
import type { Clock, CountDelta, ExecutionRow, Ledger } from '@exosphere/ports';
import type { RunTotals } from '@exosphere/run-machine';
import { inChainRange, isCancelling, runOutcome, startRunChain, stepAt, waitsFor } from '@exosphere/run-machine';
import { shardsOfSeed } from './new-shards.ts';
import { failedInRange } from './read-results.ts';
import type { RunInfo, RunRegistry } from './run-info.ts';
import { endRecord } from './run-records.ts';
import { tolerates } from './tolerance.ts';

export interface FinishPlace {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly runs: RunRegistry;
}

/**
 * A run of which no shard is left: begins its `per: run` chain if one is due, or ends it. May be called by several processes, and again
 * after a crash: the ledger lets only one of them do it.
 */
export async function finishRun(place: FinishPlace, id: RunId): Promise<void> {
  const { ledger } = place;
  const row = await ledger.readRun(id);
  if (row === null || row.endedAt !== null) return;
  const known = await place.runs.get(id);
  const run: RunInfo = { ...known, row, control: row.control };
  if (await beginRunChain(place, run)) return;
  const totals = await totalsOf(ledger, run);
  const outcome = runOutcome(totals);
  await ledger.endRun(id, { ...outcome, record: endRecord(place.clock, id, outcome) });
  place.runs.forget(id);
}

async function beginRunChain(place: FinishPlace, run: RunInfo): Promise<boolean> {
  const { graph, row } = run;
  const isOverdue = run.control === 'overdue';
  if (graph.plan.failure?.per !== 'run' || (isCancelling(run.control) && !isOverdue)) return false;
  if (await place.ledger.hasRunChain(row.id)) return false;
  // that the run missed its SLA is what the chain is for, whether or not something failed before
  if (!isOverdue && (await failedInRange(run, place.ledger)).length === 0) return false;
  const shared = { run, clock: place.clock, now: place.clock.now() };
  const shards = startRunChain(graph, row.round).flatMap((seed) => shardsOfSeed(shared, seed, 0));
  return shards.length > 0 && place.ledger.addShards(row.id, shards, [], 'run-chain');
}

async function totalsOf(ledger: Ledger, run: RunInfo): Promise<RunTotals> {
  const counts = await ledger.readCounts(run.row.id);
  const sum = (kind: CountDelta['kind'], inChain: boolean): number =>
    counts
      .filter((count) => count.kind === kind && count.step >= run.graph.mainCount === inChain)
      .reduce((total, count) => total + count.add, 0);
  const failed = sum('failed', false);
  return {
    control: run.control,
    sla: run.graph.plan,
    failed,
    chainFailed: sum('failed', true),
    unaccounted: failed === 0 ? 0 : await countUnaccounted(ledger, run),
    endedWell: sum('ended-well', false),
    missed: sum('late', false),
  };
}

/** Failed items that neither a chain, nor `tolerate`, nor a collect that fired without them accounts for (rule 43). */
async function countUnaccounted(ledger: Ledger, run: RunInfo): Promise<number> {
  const { plan } = run.graph;
  if (tolerates(plan)) return 0;
  let unaccounted = 0;
  let after: ExecutionRow | undefined;
  do {
    const key = after === undefined ? null : { step: after.step, path: after.path, origin: after.origin, round: after.keyRound };
    const page = await ledger.readEnded(run.row.id, { after: key, limit: 1_000, which: 'failed' });
    for (const row of page) {
      const isItem = row.origin === -1 && row.note !== 'unmet' && row.note !== 'consequence';
      const hasChain = inChainRange(plan, stepAt(run.graph, row.step).plan.identifier);
      if (isItem && !hasChain && !(await wasCollectedWithout(ledger, run, row))) unaccounted += 1;
    }
    after = page.at(-1);
  } while (after !== undefined);
  return unaccounted;
}

/** Whether a collect fired without this item: it bears failures, and it was not unmet. */
async function wasCollectedWithout(ledger: Ledger, run: RunInfo, row: ExecutionRow): Promise<boolean> {
  for (const step of run.graph.steps) {
    const gate = step.gate;
    if (gate === null || gate.kind !== 'collect' || step.plan.collect?.bears.kind === 'all-succeeded') continue;
    if (!waitsFor(run.graph, gate, row.step)) continue;
    const path = row.path.slice(0, gate.depth ?? 0);
    const [collect] = await ledger.readExecutions({ run: row.run, step: step.index, origin: -1, keyRound: null, paths: [path] });
    if (collect !== undefined && collect.note !== 'unmet' && collect.note !== 'consequence' && collect.status !== 'skipped') return true;
  }
  return false;
}
