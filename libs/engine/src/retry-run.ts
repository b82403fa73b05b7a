import type { ExecutionKey, RunId } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { Clock, CountDelta, ExecutionRow, Ledger, Reopening } from '@exosphere/ports';
import type { ByHand, Member, Recorded } from '@exosphere/run-machine';
import { executionName, reopen, stepAt } from '@exosphere/run-machine';
import { shardOfMembers, shardSize } from './new-shards.ts';
import type { RunInfo } from './run-info.ts';
import type { RunRegistry } from './run-info.ts';
import { runRecord } from './run-records.ts';
import { gateDelta } from './shard-rows.ts';
import { tolerates } from './tolerance.ts';

/** Which failed and cancelled executions are taken up. All that is given must hold; nothing given: all of them. */
export interface RetryFilter {
  readonly step?: string;
  /** A part of the error's message or its whole code. */
  readonly error?: string;
  /** The name of an execution: `parse[1]`. */
  readonly execution?: string;
}

/** What a command on a run needs. */
export interface CommandPlace {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly runs: RunRegistry;
}

/**
 * Opens a new round of a run that has ended: what failed or was cancelled is pending again, nothing that completed runs again
 * (rule 50).
 *
 * @returns how many executions are taken up
 * @throws ExosphereError `run-unknown`, `run-not-ended`, `nothing-to-retry`, `run-changed` (retryable)
 */
export async function retryRun(place: CommandPlace, id: RunId, filter: RetryFilter): Promise<number> {
  return openRound(place, id, filter, null);
}

/**
 * Settles one failed or cancelled execution by hand: with an output, or skipped. What follows it goes on, in a new round.
 *
 * @param name as people see it: `parse[1]`
 * @throws ExosphereError as {@link retryRun}
 */
export async function resolveExecution(place: CommandPlace, id: RunId, name: string, byHand: ByHand): Promise<void> {
  await openRound(place, id, { execution: name }, byHand);
}

async function openRound(place: CommandPlace, id: RunId, filter: RetryFilter, byHand: ByHand | null): Promise<number> {
  place.runs.forget(id);
  const run = await place.runs.get(id);
  if (run.row.endedAt === null)
    throw new ExosphereError(
      'run-not-ended',
      `run ${id} is ${run.row.status}; cancel it, or wait until it has ended, to retry what failed`,
    );
  const failed = await readAll(place.ledger, id, 'failed');
  const stopped = await readAll(place.ledger, id, 'cancelled');
  const chosen = [...failed, ...stopped].filter((row) => row.origin === -1 && matches(run, row, filter));
  const dead = await readAll(place.ledger, id, 'dead');
  const chainEnds = [...failed, ...stopped].filter((row) => row.origin !== -1);
  const reopened = reopen(run.graph, chosen, union(dead, chainEnds));
  const isEmpty = chosen.length === 0 && reopened.remove.length === 0;
  if (isEmpty) throw new ExosphereError('nothing-to-retry', `no failed or cancelled execution of run ${id} matches`);
  if (byHand !== null && chosen.some((row) => stepAt(run.graph, row.step).gate !== null)) {
    throw new ExosphereError('gate-by-hand', `'${filter.execution ?? ''}' is a join or a collect; settle the items before it, or retry it`);
  }
  const members = byHand === null ? reopened.members : reopened.members.map((member) => ({ ...member, byHand }));
  await place.ledger.reopen(reopeningOf(place, run, { ...reopened, members }));
  place.runs.forget(id);
  return chosen.length;
}

/** A collect that was not satisfied is counted on its own, and is no failed item. */
function isUnmet(row: ExecutionRow): boolean {
  return row.note === 'unmet' || row.note === 'consequence';
}

function union(dead: readonly ExecutionRow[], others: readonly ExecutionRow[]): readonly Recorded[] {
  const rows = new Map(
    [...dead, ...others].map((row) => [`${String(row.step)}|${row.path.join('.')}|${String(row.origin)}|${String(row.keyRound)}`, row]),
  );
  return [...rows.values()];
}

async function readAll(ledger: Ledger, run: RunId, which: 'failed' | 'cancelled' | 'dead'): Promise<readonly ExecutionRow[]> {
  const rows: ExecutionRow[] = [];
  let after: ExecutionKey | null = null;
  for (;;) {
    const page: readonly ExecutionRow[] = await ledger.readEnded(run, { after, limit: 1_000, which });
    const last = page.at(-1);
    if (last === undefined) return rows;
    rows.push(...page);
    after = { step: last.step, path: last.path, origin: last.origin, round: last.keyRound };
  }
}

function matches(run: RunInfo, row: ExecutionRow, filter: RetryFilter): boolean {
  const step = stepAt(run.graph, row.step);
  if (filter.step !== undefined && step.plan.identifier !== filter.step) return false;
  if (
    filter.execution !== undefined &&
    executionName(run.graph, { step, path: row.path, origin: -1, keyRound: row.keyRound }, run.row.items) !== filter.execution
  )
    return false;
  return filter.error === undefined || (row.error ?? '').includes(filter.error);
}

function reopeningOf(place: { clock: Clock }, run: RunInfo, reopened: ReturnType<typeof reopen>): Reopening {
  const rows = reopened.remove as readonly ExecutionRow[]; // what was given in were rows
  const shared = { run, clock: place.clock, now: place.clock.now() };
  return {
    run: run.row.id,
    round: run.row.round + 1,
    slaMs: run.graph.plan.slaMs,
    remove: rows.map((row): ExecutionKey => ({ step: row.step, path: row.path, origin: row.origin, round: row.keyRound })),
    removeGates: reopened.removeGates.map((gate): ExecutionKey => ({
      step: gate.gate.step,
      path: gate.path,
      origin: gate.origin,
      round: gate.keyRound,
    })),
    gates: reopened.gates.map((change) => gateDelta(run, change)),
    counts: rows.flatMap((row) => countsOf(row)),
    failures: rows
      .filter((row) => row.status === 'failed' && row.origin === -1 && !isUnmet(row) && tolerates(run.graph.plan))
      .map((row) => ({ run: row.run, basis: stepAt(run.graph, row.step).toleranceBasis, add: -1 })),
    shards: pieces(reopened.members).map((members) => shardOfMembers(shared, members, null)),
    record: runRecord(place.clock, run.row.id, {
      level: 'info',
      message: `the run goes on, in round ${String(run.row.round + 1)}`,
      fields: { round: run.row.round + 1, executions: reopened.members.length },
    }),
  };
}

/** What a row added to the counters, taken back. */
function countsOf(row: ExecutionRow): readonly CountDelta[] {
  const { run, step } = row;
  const counts: CountDelta[] = [{ run, step, kind: row.status, add: -1 }];
  if (row.objects > 0) counts.push({ run, step, kind: 'objects', add: -row.objects });
  if (row.note === 'continued') counts.push({ run, step, kind: 'continued', add: -1 });
  if (isUnmet(row)) counts.push({ run, step, kind: 'unmet', add: -1 });
  return counts;
}

/** Members of one step each, at most a shard's size. */
function pieces(members: readonly Member[]): readonly (readonly Member[])[] {
  const bySteps = new Map<number, Member[]>();
  for (const member of members) {
    const known = bySteps.get(member.step);
    if (known === undefined) bySteps.set(member.step, [member]);
    else known.push(member);
  }
  return [...bySteps.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / shardSize) }, (_, i) => group.slice(i * shardSize, (i + 1) * shardSize)),
  );
}
