import type { RunId } from '@exosphere/model';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';

const among = statement<{ id: RunId }>(
  'settled among',
  `select id from exosphere.run r
   where r.id = any ($1::uuid[]) and r.ended_at is null and not exists (select 1 from exosphere.shard s where s.run = r.id)`,
);

/** Those of `runs` that have not ended and have no shard. */
export async function settledAmong(session: Session, runs: readonly RunId[]): Promise<readonly RunId[]> {
  const rows = await session.query(among, [runs]);
  return rows.map((row) => row.id);
}

const all = statement<{ id: RunId }>(
  'settled runs',
  `select id from exosphere.run r
   where r.ended_at is null and r.queue = $1 and not exists (select 1 from exosphere.shard s where s.run = r.id)
   order by id limit $2`,
);

/** Runs of a queue that have not ended and have no shard: whoever should have ended them was lost. */
export async function settledRuns(session: Session, queue: string, limit: number): Promise<readonly RunId[]> {
  const rows = await session.query(all, [queue, limit]);
  return rows.map((row) => row.id);
}
