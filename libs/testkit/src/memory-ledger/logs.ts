import type { LogRecord, RunId, WorkerId } from '@exosphere/model';
import { asId } from '@exosphere/model';
import type { LogChunks, LogCursor, LogReader, SinkState } from '@exosphere/ports';
import type { Memory } from './memory.ts';
import { leaseMs, resultsOf } from './memory.ts';

/** Adds one record of a run, if there is one, as a row of its own. */
export function addRecord(memory: Memory, run: RunId, record: LogRecord | undefined): void {
  if (record !== undefined) resultsOf(memory, run).logs.push({ run, records: JSON.stringify([record]), count: 1 });
}

/** Rows are in the order in which they were recorded; a cursor is the number of those before it. */
export function readLogChunks(memory: Memory, run: RunId, after: LogCursor | null, limit: number): LogChunks {
  const from = after === null ? 0 : Number(after);
  const rows = memory.results.get(run)?.logs.slice(from, from + limit) ?? [];
  const chunks = rows.map((row, i) => ({
    cursor: asId<LogCursor>(String(from + i + 1)),
    records: JSON.parse(row.records) as readonly LogRecord[], // as they were written
  }));
  return { chunks, waiting: false };
}

/** Takes runs to forward, those first that this worker has. */
export function claimForwarding(
  memory: Memory,
  worker: WorkerId,
  { max }: Parameters<LogReader['claimForwarding']>[1],
): Awaited<ReturnType<LogReader['claimForwarding']>> {
  const now = memory.now();
  const isMine = (run: RunId): boolean => memory.forwarding.get(run)?.owner === worker;
  const open = [...memory.runs.values()].filter(({ id, logs }) => {
    const lease = memory.forwarding.get(id);
    return logs === 'pending' && (lease === undefined || lease.owner === worker || lease.until < now);
  });
  open.sort((a, b) => Number(isMine(b.id)) - Number(isMine(a.id)) || (a.id < b.id ? -1 : 1));
  const taken = open.slice(0, max).sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const { id } of taken) memory.forwarding.set(id, { owner: worker, until: now + leaseMs });
  return taken.map(({ id, endedAt }) => ({ run: id, ended: endedAt !== null }));
}

export function releaseForwarding(memory: Memory, worker: WorkerId, runs: readonly RunId[]): void {
  for (const run of runs) if (memory.forwarding.get(run)?.owner === worker) memory.forwarding.delete(run);
}

/** The states of sinks; makes those that are new. */
export function readSinks(memory: Memory, run: RunId, sinks: readonly string[]): readonly SinkState[] {
  const known = memory.sinks.get(run) ?? new Map<string, SinkState>();
  memory.sinks.set(run, known);
  return sinks.map((sink) => {
    const state = known.get(sink) ?? { sink, cursor: null, status: 'pending', failingSince: null, error: null };
    known.set(sink, state);
    return state;
  });
}

/** False: another worker forwards this run now. */
export function advanceSink(memory: Memory, worker: WorkerId, run: RunId, state: SinkState): boolean {
  if (memory.forwarding.get(run)?.owner !== worker) return false;
  memory.sinks.get(run)?.set(state.sink, state);
  memory.changed();
  return true;
}

/** In a new round all sinks go on from where they are. */
export function resetSinks(memory: Memory, run: RunId): void {
  const sinks = memory.sinks.get(run);
  for (const [sink, state] of sinks ?? []) sinks?.set(sink, { ...state, status: 'pending', failingSince: null, error: null });
}

/** False: another worker forwards it now, or it has not ended. */
export function finishForwarding(memory: Memory, worker: WorkerId, id: RunId, outcome: 'delivered' | 'given-up'): boolean {
  const run = memory.runs.get(id);
  if (run === undefined || run.endedAt === null || run.logs !== 'pending' || memory.forwarding.get(id)?.owner !== worker) return false;
  memory.forwarding.delete(id);
  memory.runs.set(id, { ...run, logs: outcome });
  memory.changed();
  return true;
}
