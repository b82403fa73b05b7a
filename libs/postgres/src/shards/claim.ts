import type { WorkerId } from '@exosphere/model';
import type { ClaimedShard } from '@exosphere/ports';
import type { Connections } from '../database/pools.ts';
import type { WakeUpQueue } from '../wake-ups/boss-queue.ts';
import { leaseShards } from './lease-shards.query.ts';

/** Wake-ups of shards that are gone or taken are only swept away: so often is the queue asked again for others. */
const mostSweeps = 100;

/** Takes up to `max` shards that the queue names. Job, lease and the end of the job are one transaction: no job stays active. */
export async function claim(connections: Connections, queue: WakeUpQueue, worker: WorkerId, max: number): Promise<readonly ClaimedShard[]> {
  const claimed: ClaimedShard[] = [];
  for (let sweep = 0; sweep < mostSweeps && claimed.length < max; sweep += 1) {
    const wanted = max - claimed.length;
    const { fetched, leased } = await connections.transaction(async (session) => {
      const jobs = await queue.fetch(session.client, wanted);
      if (jobs.length === 0) return { fetched: 0, leased: [] };
      const shards = await leaseShards(
        session,
        worker,
        jobs.map((job) => job.shard),
      );
      await queue.remove(session.client, jobs);
      return { fetched: jobs.length, leased: shards };
    });
    claimed.push(...leased);
    if (fetched < wanted) break;
  }
  return claimed;
}
