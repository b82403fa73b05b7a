import { InternalError } from '@exosphere/model';
import type { AttemptRow, ChunkRow, CommitShard, ExecutionRow } from '@exosphere/ports';
import type { Memory } from './memory.ts';
import { resultsOf } from './memory.ts';
import type { RowKey } from './rows-by-key.ts';

/** Refuses rows that are there already: each execution ends once, and each object and failed attempt is recorded once. */
export function checkRows(memory: Memory, shards: readonly CommitShard[]): void {
  const seen = new Set<string>();
  const once = (what: string, row: RowKey & { readonly run: CommitShard['run'] }, isThere: boolean): void => {
    const name = `${what} of ${row.run}, step ${row.step} at [${row.path.join()}], origin ${row.origin}, key round ${row.keyRound}`;
    if (isThere || seen.has(name)) throw new InternalError(`a second row was recorded for the ${name}`);
    seen.add(name);
  };
  for (const { run, ended, chunks, attempts, gates, counts, failures, logs } of shards) {
    const foreign = [ended, chunks, attempts, gates, counts, failures, logs].flat().find((row) => row.run !== run);
    if (foreign !== undefined) throw new InternalError(`a row of the run ${foreign.run} came with a shard of the run ${run}`);
    const results = resultsOf(memory, run);
    for (const row of ended) once('execution', row, results.executions.get(row) !== undefined);
    for (const row of chunks)
      once(
        `chunk ${row.from}`,
        row,
        (results.chunks.get(row) ?? []).some(({ from }) => from === row.from),
      );
    for (const row of attempts)
      once(
        `attempt ${row.attempt}`,
        row,
        (results.attempts.get(row) ?? []).some(({ attempt }) => attempt === row.attempt),
      );
  }
}

/** Keeps what ended with one shard of a batch. */
export function keepRows(memory: Memory, { run, ended, chunks, attempts, logs, blobs }: CommitShard): void {
  const results = resultsOf(memory, run);
  for (const row of ended) results.executions.set(row, executionCopy(row));
  for (const row of chunks) {
    const kept = results.chunks.get(row) ?? [];
    results.chunks.set(row, [...kept, copy(row)].sort((a, b) => a.from - b.from)); // prettier-ignore
  }
  for (const row of attempts) results.attempts.set(row, [...(results.attempts.get(row) ?? []), copy(row)]);
  results.logs.push(...logs.map((row) => ({ ...row })));
  for (const digest of blobs) results.blobs.add(digest);
}

/** Frozen, and not the caller's: nobody can change what is recorded. */
function executionCopy(row: ExecutionRow): ExecutionRow {
  const collected = row.collected === null ? null : Object.freeze([...row.collected]);
  return Object.freeze({ ...row, path: Object.freeze([...row.path]), collected });
}

function copy<Row extends ChunkRow | AttemptRow>(row: Row): Row {
  const own: Row = { ...row, path: Object.freeze([...row.path]) };
  return Object.freeze(own);
}
