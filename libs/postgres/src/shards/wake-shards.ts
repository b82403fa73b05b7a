import type { ShardId } from '@exosphere/model';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';
import type { WakeUpQueue } from '../wake-ups/boss-queue.ts';
import { bossSchema } from '../wake-ups/boss-queue.ts';

/**
 * Of these shards, those that pg-boss has no fetchable job for; `blocked` where there is a job of that id all the same (it was
 * left active, or put off), so that the id is taken.
 */
const unannounced = statement<{ id: ShardId; priority: number; blocked: boolean }>(
  'unannounced shards',
  `select s.id, s.priority, j.id is not null as blocked
   from exosphere.shard s left join ${bossSchema}.job j on j.name = s.queue and j.id = s.id
   where s.id = any ($1::uuid[]) and s.queue = $2
     and (j.id is null or j.state >= 'active' or j.start_after > now())`,
);

/**
 * Sends wake-ups for shards that have none; answers with how many. Not in a transaction that holds locks on shards: a claim locks the job first, the shard second.
 */
export async function wakeShards(session: Session, queue: WakeUpQueue, shards: readonly ShardId[]): Promise<number> {
  if (shards.length === 0) return 0;
  const rows = await session.query(unannounced, [shards, queue.name]);
  const wakeUps = rows.map(({ id, priority, blocked }) => ({ shard: id, priority, blocked }));
  await queue.send(
    null,
    wakeUps.filter(({ blocked }) => !blocked),
    { fresh: true },
  );
  await queue.send(
    null,
    wakeUps.filter(({ blocked }) => blocked),
    { fresh: false },
  );
  return wakeUps.length;
}
