import { Client, DatabaseError } from 'pg';
import type { EmbeddedConnection } from './connection-file.ts';
import { systemCode } from './file-failure.ts';

/** One user of the server, seen by the others as a shared advisory lock that ends with the connection. */
export interface Presence {
  readonly version: string;
  /** Settled when the connection ends, whoever ended it. */
  readonly ended: Promise<void>;
  /** Gives up this presence. True: it was the last one, and nobody can join before `close`. */
  readonly leave: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** Of two numbers, as PostgreSQL has it: "exo", and what it locks. */
const presenceLock = [0x65786f, 1] as const;

/** Why a server that we found cannot be joined. */
export type Refusal =
  /** Nobody listens, the server starts or stops: look again. */
  'not-ready' | 'no-database' | 'wrong-password' | 'too-many-connections';

export type Joined =
  { readonly kind: 'joined'; readonly presence: Presence } | { readonly kind: 'refused'; readonly why: Refusal; readonly cause: unknown };

/** Connects and takes the lock. */
export async function join(connection: EmbeddedConnection): Promise<Joined> {
  const client = new Client({
    ...connection,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
    keepAlive: true,
    application_name: `exosphere ${process.pid}`,
  });
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  // Without a listener a lost connection would end this process. `ended` tells.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; joined: boolean }>(
      `select current_setting('server_version') as version, pg_try_advisory_lock_shared($1, $2) as joined`,
      [...presenceLock],
    );
    const [row] = rows;
    if (row?.joined === true) return { kind: 'joined', presence: presenceOf(client, row.version, ended) };
    await client.end();
    return { kind: 'refused', why: 'not-ready', cause: null }; // who holds it alone is about to stop the server
  } catch (error) {
    const why = refusalOf(error);
    await client.end().catch(() => undefined); // it is gone already
    if (why === null) throw error;
    return { kind: 'refused', why, cause: error };
  }
}

function presenceOf(client: Client, version: string, ended: Promise<void>): Presence {
  return {
    version,
    ended,
    leave: async () => {
      try {
        await client.query('select pg_advisory_unlock_shared($1, $2)', [...presenceLock]);
        const { rows } = await client.query<{ last: boolean }>('select pg_try_advisory_lock($1, $2) as last', [...presenceLock]);
        return rows[0]?.last === true;
      } catch (error) {
        // The server ended in this moment, or hangs: there is nothing to leave, and the next who comes finds what is to be done.
        if (refusalOf(error) === 'not-ready') return false;
        throw error;
      }
    },
    close: async () => {
      await client.end();
    },
  };
}

function refusalOf(error: unknown): Refusal | null {
  if (error instanceof DatabaseError) {
    switch (error.code) {
      case '3D000':
        return 'no-database';
      case '28P01':
      case '28000':
        return 'wrong-password';
      case '53300':
        return 'too-many-connections';
      case '57P01': // stopped while we talked
      case '57P02':
      case '57P03': // starting up, shutting down
        return 'not-ready';
      default:
        return null;
    }
  }
  // A connection that was refused, cut or never answered. `pg` says some of these without a code.
  const code = systemCode(error);
  return code === null
    ? error instanceof Error && /terminated|timeout|ended|not queryable/i.test(error.message)
      ? 'not-ready'
      : null
    : 'not-ready';
}
