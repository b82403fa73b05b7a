import type { EndedRunStatus, Json, LogRecord, RunId } from '@exosphere/model';
import { InternalError } from '@exosphere/model';
import type { ChunkRow, CreateOutcome, GateDelta, NewRun, NewShard, OverdueRun, RunControl } from '@exosphere/ports';
import { admission, startNext } from './concurrency.ts';
import { keepCounts } from './counters.ts';
import type { GatePlan } from './gates.ts';
import { keepGates, makeGateShards, planGates } from './gates.ts';
import { addRecord } from './logs.ts';
import { announce, checkNewShards, makeShards, wakeShards } from './make-shards.ts';
import type { Memory, MemoryRun, MemoryShard, RunResults } from './memory.ts';
import { emptyResults, isHeld, shardsOf } from './memory.ts';

/** Objects of one chunk of the trigger's items. */
const chunkObjects = 500;

/** Makes a run with its first shards, or answers why there is none. */
export function createRun(memory: Memory, run: NewRun): CreateOutcome {
  if (memory.runs.has(run.id)) throw new InternalError(`there is a run ${run.id} already`);
  const admitted = admission(memory, run.cluster, run.concurrency);
  if (admitted.kind === 'skipped') return admitted;
  checkNewShards(memory, run.shards, run.id);
  const at = memory.now();
  const gates = planGates(run.gates, { gate: () => undefined, control: () => 'go', now: at });
  const row = newRow(memory, run, admitted.queued);
  memory.runs.set(run.id, row);
  if (!memory.plans.has(run.revision.digest)) memory.plans.set(run.revision.digest, JSON.stringify(run.revision.plan));
  memory.results.set(run.id, firstResults(run));
  addRecord(memory, run.id, run.record);
  addWork(memory, row, { shards: run.shards, gates, wakes: !admitted.queued });
  for (const other of admitted.cancel) control(memory, other, 'cancelling');
  return { kind: 'started', number: row.number, queued: admitted.queued, at };
}

function newRow(memory: Memory, run: NewRun, queued: boolean): MemoryRun {
  const at = memory.now();
  const { id, project, cluster, environment, logs, origin, concurrency } = run;
  const number = 1 + [...memory.runs.values()].filter((other) => other.cluster === cluster).length;
  return {
    ...{ id, number, project, cluster, revision: run.revision.digest, environment, status: 'pending', control: 'go', round: 1 },
    ...{ trigger: JSON.stringify(run.trigger), inputs: JSON.stringify(run.inputs), items: run.items.length },
    ...{ acceptedAt: at, deadline: at + run.slaMs, endedAt: null, logs, reason: null, origin, concurrency, queued },
    ...{ chainRound: null, missedRound: null },
  };
}

function firstResults(run: NewRun): RunResults {
  const results = emptyResults();
  const key = { step: -1, path: [], origin: -1, keyRound: 0 };
  const chunks = Array.from({ length: Math.ceil(run.items.length / chunkObjects) }, (_, i) => chunkOf(run, key, i * chunkObjects));
  if (chunks.length > 0) results.chunks.set(key, chunks);
  for (const { basis, allowed } of run.allowed) results.failures.set(basis, { failed: 0, allowed });
  return results;
}

function chunkOf({ id, items }: NewRun, key: Omit<ChunkRow, 'run' | 'from' | 'count' | 'objects'>, from: number): ChunkRow {
  const objects: readonly Json[] = items.slice(from, from + chunkObjects);
  return { ...key, run: id, from, count: objects.length, objects: JSON.stringify(objects) };
}

/** New work of a run that no worker holds: shards, and gates that are decided. */
export function addWork(
  memory: Memory,
  run: MemoryRun,
  { shards, gates, wakes }: { readonly shards: readonly NewShard[]; readonly gates: GatePlan; readonly wakes: boolean },
): void {
  keepGates(memory, gates.gates);
  keepCounts(memory, gates.late);
  const fired = makeGateShards(memory, gates.decided, { worker: null, priority: Math.round(run.deadline / 1_000) });
  makeShards(memory, null, shards);
  if (wakes) {
    announce(memory, shards);
    wakeShards(memory, fired);
  }
  memory.changed();
  memory.tellOfWork();
}

const ranks: Readonly<Record<RunControl, number>> = {
  go: 0,
  paused: 0,
  stopping: 1,
  overdue: 2,
  cancelling: 3,
  'overdue-all': 4,
  'cancelling-all': 5,
};

/** Raises the control of a run; what nobody holds of it has something to do then: to be cancelled, or to go on. */
export function control(memory: Memory, id: RunId, asked: RunControl): RunControl | null {
  const run = memory.runs.get(id);
  if (run === undefined || run.endedAt !== null) return null;
  const isRaised = ranks[asked] > ranks[run.control] || (ranks[asked] === 0 && ranks[run.control] === 0);
  const raised = isRaised ? asked : run.control;
  if (raised !== run.control) memory.changed();
  memory.runs.set(id, { ...run, control: raised });
  if (raised !== 'paused') rouse(memory, id, { isEnding: ranks[raised] > 0 });
  memory.tellOfWork();
  return raised;
}

function rouse(memory: Memory, run: RunId, { isEnding }: { readonly isEnding: boolean }): void {
  const now = memory.now();
  const waiting = shardsOf(memory, run).filter((shard) => !isHeld(shard, now));
  for (const shard of waiting) {
    if (isEnding && shard.dueAt !== null) memory.changed();
    const lookAt = isEnding ? now : Math.min(shard.lookAt, shard.dueAt ?? now);
    memory.shards.set(shard.id, { ...shard, lookAt, dueAt: isEnding ? null : shard.dueAt });
  }
  wakeShards(memory, waiting);
}

/** Ends a run without a shard, and lets the next of its concurrency group go. */
export function endRun(
  memory: Memory,
  id: RunId,
  { record, ...end }: { readonly status: EndedRunStatus; readonly reason: string | null; readonly record?: LogRecord },
): boolean {
  const run = memory.runs.get(id);
  if (run === undefined || run.endedAt !== null || shardsOf(memory, id).length > 0) return false;
  memory.runs.set(id, { ...run, ...end, endedAt: memory.now(), queued: false });
  addRecord(memory, id, record);
  const shards = startNext(memory, run).flatMap((next) => shardsOf(memory, next.id).filter((shard) => shard.owner === null));
  for (const shard of shards) memory.shards.set(shard.id, { ...shard, lookAt: memory.now() });
  wakeShards(memory, shards);
  memory.changed();
  memory.tellOfWork();
  return true;
}

/** Adds the shards of a `per: run` chain, once a round, to a run that has none left. */
export function addShards(memory: Memory, id: RunId, shards: readonly NewShard[], gates: readonly GateDelta[]): boolean {
  const run = memory.runs.get(id);
  if (run === undefined || run.endedAt !== null || run.chainRound === run.round || shardsOf(memory, id).length > 0) return false;
  checkNewShards(memory, shards);
  const results = memory.results.get(id);
  const plan = planGates(gates, { gate: (change) => results?.gates.get(change), control: () => run.control, now: memory.now() });
  memory.runs.set(id, { ...run, chainRound: run.round });
  addWork(memory, run, { shards, gates: plan, wakes: true });
  return true;
}

/** Runs that have not ended and have no shard, the oldest first. */
export function settledRuns(memory: Memory, limit: number): readonly RunId[] {
  const withShards = new Set([...memory.shards.values()].map((shard: MemoryShard) => shard.run));
  const settled = [...memory.runs.values()].filter((run) => run.endedAt === null && !withShards.has(run.id)).map((run) => run.id);
  return settled.sort().slice(0, limit);
}

/** How long the chains of a run that missed its SLA may go on. */
const graceMs = 1_800_000;

/** Runs behind their deadline of which somebody has to take notice, the oldest deadline first. */
export function overdueRuns(memory: Memory, limit: number): readonly OverdueRun[] {
  const now = memory.now();
  const late = [...memory.runs.values()].filter((run) => run.endedAt === null && run.deadline < now);
  const overdue = late.flatMap((run): readonly (OverdueRun & { readonly deadline: number })[] => {
    const { id, revision, deadline } = run;
    if (run.missedRound !== run.round) return [{ run: id, revision, missed: 'now', deadline }];
    const isOver = run.control === 'overdue' && deadline < now - graceMs;
    return isOver ? [{ run: id, revision, missed: 'long-ago', deadline }] : [];
  });
  const ordered = overdue.sort((a, b) => a.deadline - b.deadline || (a.run < b.run ? -1 : 1));
  return ordered.slice(0, limit).map(({ run, revision, missed }) => ({ run, revision, missed }));
}

/** Notes once a round that a run missed its deadline. */
export function missDeadline(
  memory: Memory,
  id: RunId,
  miss: { readonly control: 'overdue' | 'overdue-all' | null; readonly record: LogRecord },
): boolean {
  const run = memory.runs.get(id);
  if (run === undefined || run.endedAt !== null || run.missedRound === run.round) return false;
  memory.runs.set(id, { ...run, missedRound: run.round });
  addRecord(memory, id, miss.record);
  memory.changed();
  if (miss.control !== null) control(memory, id, miss.control);
  return true;
}
