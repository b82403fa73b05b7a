import type { ShardId } from '@exosphere/model';
import type { Connections } from '../database/pools.ts';
import { statement } from '../database/statement.ts';
import { int4Array, timeArray, uuidArray } from '../sql/binary-array.ts';
import type { WakeUpQueue } from '../wake-ups/boss-queue.ts';
import { wakeShards } from './wake-shards.ts';

export interface Release {
  readonly shard: ShardId;
  readonly epoch: number;
  /** ms since 1970; null: at once. */
  readonly dueAt: number | null;
}

/** Answers with the shards that are ready now: those given back, and those that waited for their permits. */
const release = statement<{ id: ShardId }>(
  'release shards',
  `with released as (
     update exosphere.shard s set owner = null, lease_until = null, running = '', permits = null, due_at = u.due_at,
       look_at = coalesce(u.due_at, now() + interval '5 seconds')
     from unnest($1::uuid[], $2::int[], $3::timestamptz[]) as u (id, epoch, due_at)
     where s.id = u.id and s.epoch = u.epoch and s.owner is not null
     returning s.id, s.run, s.due_at, s.limit_step
   )
   select id from released where due_at is null or due_at <= now()
   union
   select w.id from (select distinct run, limit_step from released where limit_step is not null) l, lateral (
     select s.id from exosphere.shard s where s.run = l.run and s.limit_step = l.limit_step and s.owner is null
       and (s.due_at is null or s.due_at <= now()) order by s.priority, s.id limit 4
   ) w`,
);

/** Gives leases back. The wake-ups are sent after that: if they are lost, {@link Ledger.wakeDue} makes up for them. */
export async function releaseShards(connections: Connections, queue: WakeUpQueue, releases: readonly Release[]): Promise<void> {
  if (releases.length === 0) return;
  const ordered = [...releases].sort((a, b) => (a.shard < b.shard ? -1 : 1));
  const ready = await connections.query(release, [
    uuidArray(ordered.map((one) => one.shard)),
    int4Array(ordered.map((one) => one.epoch)),
    timeArray(ordered.map((one) => one.dueAt)),
  ]);
  await wakeShards(
    connections,
    queue,
    ready.map((row) => row.id),
  );
}
