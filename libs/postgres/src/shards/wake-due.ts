import type { ShardId } from '@exosphere/model';
import type { Connections } from '../database/pools.ts';
import { statement } from '../database/statement.ts';
import type { WakeUpQueue } from '../wake-ups/boss-queue.ts';
import { wakeShards } from './wake-shards.ts';

/** A run that is ending has nothing to wait for. Also done when its control is raised, but a commit may come in between. */
const hasten = statement<{ id: ShardId }>(
  'hasten ending runs',
  `update exosphere.shard s set due_at = null, look_at = now() from exosphere.run r
   where r.ended_at is null and r.control not in ('go', 'paused') and r.queue = $1
     and s.run = r.id and s.owner is null and s.due_at > now()
   returning s.id`,
);

/** Shards that somebody has to look at: lapsed, due, or without a sign for 5 s. One process gets each. */
const lookAt = statement<{ id: ShardId; ready: boolean }>(
  'shards to look at',
  `with seen as (
     select s.id, exosphere.may_go(r) and (s.owner is null or s.lease_until < now()) and (s.due_at is null or s.due_at <= now()) as ready,
       case when s.owner is not null and s.lease_until >= now() then s.lease_until
         when s.due_at > now() then s.due_at
         when not exosphere.may_go(r) then now() + interval '60 seconds'
         else now() + interval '5 seconds' end as next
     from exosphere.shard s join exosphere.run r on r.id = s.run
     where s.look_at <= now() and s.queue = $1
     order by s.look_at limit 1000 for update of s skip locked
   )
   update exosphere.shard s set look_at = seen.next from seen where s.id = seen.id returning s.id, seen.ready`,
);

const nextDue = statement<{ at: number | null }>(
  'next due',
  `select ceil(extract(epoch from min(due_at)) * 1000)::float8 as at from exosphere.shard where due_at > now() and owner is null and queue = $1`,
);

/** Wakes what nobody has woken. Returns when the next delay ends. */
export async function wakeDue(
  connections: Connections,
  queue: WakeUpQueue,
): Promise<{ readonly woken: number; readonly nextDueAt: number | null }> {
  await connections.query(hasten, [queue.name]);
  const seen = await connections.query(lookAt, [queue.name]);
  const ready = seen.filter((row) => row.ready).map((row) => row.id);
  const woken = await wakeShards(connections, queue, ready);
  const [next] = await connections.query(nextDue, [queue.name]);
  return { woken, nextDueAt: next?.at ?? null };
}
