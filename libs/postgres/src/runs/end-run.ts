import type { EndedRunStatus, LogRecord, RunId, ShardId } from '@exosphere/model';
import type { Connections } from '../database/pools.ts';
import { statement } from '../database/statement.ts';
import { wakeShards } from '../shards/wake-shards.ts';
import type { WakeUpQueue } from '../wake-ups/boss-queue.ts';

const end = statement<{ next: readonly RunId[] | null }>('end run', 'select exosphere.end_run($1, $2, $3, $4) as next');

const shardsOf = statement<{ id: ShardId }>(
  'shards of runs',
  'update exosphere.shard set look_at = now() where run = any ($1::uuid[]) and owner is null returning id',
);

/** Ends a run without a shard, and wakes the runs of its concurrency group that go now. */
export async function endRun(
  { connections, queue }: { connections: Connections; queue: WakeUpQueue },
  run: RunId,
  { status, reason, record }: { readonly status: EndedRunStatus; readonly reason: string | null; readonly record?: LogRecord },
): Promise<boolean> {
  const [row] = await connections.query(end, [run, status, reason, record === undefined ? null : JSON.stringify(record)]);
  const next = row?.next ?? null;
  if (next === null) return false;
  if (next.length > 0) {
    const shards = await connections.query(shardsOf, [next]);
    await wakeShards(
      connections,
      queue,
      shards.map((shard) => shard.id),
    );
  }
  return true;
}
