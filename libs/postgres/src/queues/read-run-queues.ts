import type { RunId } from '@exosphere/model';
import pg from 'pg';
import { explainConnectError } from '../database/explain-connect-error.ts';
import { queueLockClass } from './queue-lock.ts';

/** The queue of a run. */
export interface RunQueue {
  readonly queue: string;
  /** A process holds it (see `holdQueue`). */
  readonly isHeld: boolean;
}

const text = `
  select r.id, r.queue, exists (
    select from pg_locks l
    where l.locktype = 'advisory' and l.objsubid = 2 and l.granted and l.classid::bigint = ${queueLockClass}
      and l.objid::bigint = hashtext(r.queue)::bigint & 4294967295
      and l.database = (select oid from pg_database where datname = current_database())
  ) as held
  from exosphere.run r where r.id = any ($1::uuid[])`;

/** The queues of runs, on a connection of its own: it is asked before the ledger is opened for one of them. Runs that are not there are left out. */
export async function readRunQueues(connectionString: string, runs: readonly RunId[]): Promise<ReadonlyMap<RunId, RunQueue>> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000, application_name: 'exosphere queues' });
  client.on('error', () => undefined); // the statement under way fails with it
  try {
    await client.connect();
    const there = await client.query<{ there: boolean }>("select to_regclass('exosphere.run') is not null as there");
    if (there.rows[0]?.there !== true) return new Map();
    const { rows } = await client.query<{ id: RunId; queue: string; held: boolean }>(text, [runs]);
    return new Map(rows.map(({ id, queue, held }) => [id, { queue, isHeld: held }]));
  } catch (error) {
    throw explainConnectError(error, connectionString);
  } finally {
    await client.end().catch(() => undefined); // it may have ended by itself
  }
}
