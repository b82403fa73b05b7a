import pg from 'pg';
import { explainConnectError } from '../database/explain-connect-error.ts';
import type { OnWarning } from '../database/pools.ts';
import { queueLockKey } from './queue-lock.ts';

/** A queue in the hands of this process: others see that its runs are worked on. */
export interface HeldQueue {
  /** Lets go of it. `remove`: its runs have ended, so that it is not needed any more; a retry makes it again. */
  release(options: { readonly remove: boolean }): Promise<void>;
}

export interface HoldQueueOptions {
  /** `postgresql://user:password@host:port/database`. */
  readonly connectionString: string;
  /** The name that `connectLedger` was given. */
  readonly queue: string;
  /** Told when the connection that holds it is lost. */
  readonly onWarning: OnWarning;
}

const againAfterMs = 1_000;

/** Whoever had them is gone, or it would hold the queue: nobody has to wait until they lapse. Should it live on, its commits are fenced. */
const lapseLeases = `
  update exosphere.shard set lease_until = now() - interval '1 second', look_at = now()
  where queue = $1 and owner is not null and lease_until >= now()`;

/**
 * Takes a queue that one process at a time works on, and the work that a process left behind. Null: another process has it.
 *
 * A connection that is lost is made anew; until then the runs look interrupted to others, and no harm comes of it: leases tell who works.
 */
export async function holdQueue(options: HoldQueueOptions): Promise<HeldQueue | null> {
  const first = await lock(options);
  if (first === null) return null;
  await lapse(first, options);
  let client = first;
  let released = false;
  let waiting: NodeJS.Timeout | null = null;
  const watch = (): void => void client.once('end', () => again());
  const again = (): void => {
    if (!released) waiting = setTimeout(() => void relock(), againAfterMs);
  };
  const relock = async (): Promise<void> => {
    try {
      const next = await lock(options);
      if (next === null) return options.onWarning({ message: `another process works on ${options.queue} as well`, cause: null });
      client = next;
      watch();
      if (released) await client.end();
    } catch (cause) {
      options.onWarning({ message: 'the connection that holds the queue is lost', cause });
      again();
    }
  };
  watch();
  return {
    release: async ({ remove }) => {
      released = true;
      if (waiting !== null) clearTimeout(waiting);
      // a queue that stays is no harm
      if (remove) await client.query('select exosphere_boss.delete_queue($1)', [options.queue]).catch(() => undefined);
      await client.end().catch(() => undefined); // it may have ended by itself
    },
  };
}

async function lapse(client: pg.Client, { connectionString, queue }: HoldQueueOptions): Promise<void> {
  try {
    await client.query(lapseLeases, [queue]);
  } catch (error) {
    await client.end().catch(() => undefined); // what went wrong is said already
    throw explainConnectError(error, connectionString);
  }
}

async function lock({ connectionString, queue }: HoldQueueOptions): Promise<pg.Client | null> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000, application_name: 'exosphere queue', keepAlive: true });
  client.on('error', () => undefined); // 'end' follows
  try {
    await client.connect();
    const { rows } = await client.query<{ locked: boolean }>(`select pg_try_advisory_lock(${queueLockKey}) as locked`, [queue]);
    if (rows[0]?.locked === true) return client;
    await client.end();
    return null;
  } catch (error) {
    await client.end().catch(() => undefined); // what went wrong is said already
    throw explainConnectError(error, connectionString);
  }
}
