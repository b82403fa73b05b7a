import type { RunId, ShardId } from '@exosphere/model';
import type { CommitBatch, CommitShard } from '@exosphere/ports';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';
import { int4Array, textArray, uuidArray } from '../sql/binary-array.ts';
import { placeholders } from '../sql/placeholders.ts';
import { attemptColumns, chunkColumns, executionColumns, logColumns } from './result-columns.ts';
import type { Columns } from './row-columns.ts';
import { countColumns, failureColumns, gateColumns, noColumns, shardColumns } from './row-columns.ts';

export interface CommitAnswer {
  /** JSON text of `[id, run, members, size][]`. */
  readonly fired: string | null;
  readonly settled: readonly RunId[] | null;
  /** Others were about to end the last shards of these runs: to be asked again, after the commit. */
  readonly perhaps_settled: readonly RunId[] | null;
  /** Shards that waited for permits which are free now. */
  readonly waiting: readonly ShardId[] | null;
  /** JSON text: control by run. */
  readonly controls: string | null;
  readonly at: number;
}

const commit = statement<CommitAnswer & Record<string, unknown>>(
  'commit batch',
  `select * from exosphere.commit_batch(${placeholders(77)})`,
);

/** One round trip: see `commit_batch` of migration 3 for what it does and in which order. */
export async function commitBatch(session: Session, batch: CommitBatch, queue: string): Promise<CommitAnswer> {
  const [answer] = await session.query(commit, [batch.slot, queue, ...batchColumns(batch)]);
  return answer as CommitAnswer; // a function with OUT parameters answers with one row
}

function batchColumns({ shards, newShards }: CommitBatch): Columns {
  const ordered = shards.length < 2 ? shards : [...shards].sort((a, b) => (a.id < b.id ? -1 : 1));
  const all = <T>(of: (shard: CommitShard) => readonly T[]): readonly T[] => {
    const [only] = ordered;
    return ordered.length === 1 && only !== undefined ? of(only) : ordered.flatMap(of);
  };
  return [
    ...keptColumns(ordered.filter((shard) => shard.size > 0)),
    ...doneColumns(ordered.filter((shard) => shard.size === 0)),
    ...executionColumns(all((shard) => shard.ended)),
    ...chunkColumns(all((shard) => shard.chunks)),
    ...attemptColumns(all((shard) => shard.attempts)),
    ...logColumns(all((shard) => shard.logs)),
    ...blobColumns(ordered),
    ...failureColumns(all((shard) => shard.failures)),
    ...gateColumns(all((shard) => shard.gates)),
    ...countColumns(all((shard) => shard.counts)),
    ...shardColumns(newShards),
  ];
}

function keptColumns(shards: readonly CommitShard[]): Columns {
  if (shards.length === 0) return noColumns(4);
  return [
    uuidArray(shards.map((shard) => shard.id)),
    int4Array(shards.map((shard) => shard.epoch)),
    textArray(shards.map((shard) => shard.members)),
    int4Array(shards.map((shard) => shard.size)),
  ];
}

function doneColumns(shards: readonly CommitShard[]): Columns {
  if (shards.length === 0) return noColumns(2);
  return [uuidArray(shards.map((shard) => shard.id)), int4Array(shards.map((shard) => shard.epoch))];
}

function blobColumns(shards: readonly CommitShard[]): Columns {
  const named = shards.flatMap((shard) => shard.blobs.map((digest) => ({ run: shard.run, digest })));
  if (named.length === 0) return noColumns(2);
  return [uuidArray(named.map((blob) => blob.run)), textArray(named.map((blob) => blob.digest))];
}
