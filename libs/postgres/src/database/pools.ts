import type { ClientBase, Pool, PoolClient, PoolConfig, QueryResultRow } from 'pg';
import pg from 'pg';
import type { Session, Statement } from './statement.ts';
import { DatabaseUnavailableError, sqlState, toDatabaseError } from './database-error.ts';

/** Told of what went wrong without harm, because something else makes up for it. */
export type OnWarning = (warning: { readonly message: string; readonly cause: unknown }) => void;

export interface PoolSettings {
  readonly connectionString: string;
  readonly max: number;
  /** ms after which the server gives a statement up. */
  readonly statementTimeoutMs: number;
  readonly applicationName: string;
  readonly compression: 'lz4' | 'pglz';
  /** False: the server is set up to lose commits in a crash; our sessions are not. */
  readonly isDurable: boolean;
  /**
   * `generic`: statements are planned once. They take arrays, whose length no plan of theirs would depend on. Measured, a commit of one
   * execution: 0.40 ms, and 0.77 ms when planned anew each time.
   * `custom`: with their values, for questions of people, of which most conditions are left out.
   */
  readonly plans: 'generic' | 'custom';
  readonly onWarning: OnWarning;
}

/** Connections for one purpose: who waits for one of these holds none of another pool. */
export interface Connections extends Session {
  /** Runs `work` in one transaction; what it throws rolls back. */
  transaction<T>(work: (session: Session & { readonly client: ClientBase }) => Promise<T>): Promise<T>;
  /** Sends a text that is not ours, perhaps of several statements: then `pg` answers with a list of results. */
  run(text: string, values: readonly unknown[]): Promise<{ rows: object[] }>;
  close(): Promise<void>;
}

/** The oid of the type. */
const int8 = 20;

/** What a query of one statement gives: numbers for int8 too, since ours stay below 2^53. */
const types: NonNullable<PoolConfig['types']> = {
  // any: pg types what it returns so
  getTypeParser(oid: number, format?: 'text' | 'binary'): any {
    const types: { getTypeParser(oid: number, format?: string): unknown } = pg.types; // its own type takes the oids that it names only
    return oid === int8 ? Number : types.getTypeParser(oid, format ?? 'text');
  },
};

/** Connections that were lost while somebody had them; the statement under way fails with it. */
const lost = new WeakSet<ClientBase>();

export function openConnections(settings: PoolSettings): Connections {
  const pool = new pg.Pool(poolConfig(settings));
  // From its first moment: the pool listens only while it is idle, and between the two a lost connection would end the process.
  pool.on('connect', (client) => client.on('error', () => lost.add(client)));
  pool.on('error', (cause) => settings.onWarning({ message: 'an idle connection to PostgreSQL was lost', cause }));
  return {
    query: (statement, values) => withClient(pool, (client) => send(client, statement, values)),
    transaction: (work) => withClient(pool, (client) => inTransaction(client, work)),
    run: (text, values) => withClient(pool, (client) => runText(client, text, values)),
    close: () => pool.end(),
  };
}

export function poolConfig(settings: PoolSettings): PoolConfig {
  return {
    connectionString: settings.connectionString,
    max: settings.max,
    application_name: settings.applicationName,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    // A half-open connection answers nothing, not even that time is over.
    query_timeout: settings.statementTimeoutMs + 5_000,
    options: [
      `-c statement_timeout=${settings.statementTimeoutMs}`,
      '-c idle_in_transaction_session_timeout=10000',
      '-c lock_timeout=10000',
      `-c plan_cache_mode=force_${settings.plans}_plan`,
      `-c default_toast_compression=${settings.compression}`,
      '-c jit=off',
      ...(settings.isDurable ? [] : ['-c synchronous_commit=on']),
      '-c TimeZone=UTC',
    ].join(' '),
    types,
  };
}

async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  let client: PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw toDatabaseError(error, false);
  }
  let broken = false;
  try {
    return await work(client);
  } catch (error) {
    broken ||= leavesConnectionUnusable(error);
    throw error;
  } finally {
    client.release(broken || lost.has(client));
  }
}

function leavesConnectionUnusable(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const state = sqlState(cause);
  return state === null || /^(08|57P|25P)/.test(state);
}

async function send<Row extends QueryResultRow>(
  client: ClientBase,
  { name, text }: Statement<Row>,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  try {
    const result = await client.query<Row>({ name, text, values: [...values] });
    return result.rows;
  } catch (error) {
    throw isOurs(error) ? error : toDatabaseError(error, true);
  }
}

async function runText(client: ClientBase, text: string, values: readonly unknown[]): Promise<{ rows: object[] }> {
  try {
    return await client.query<object>(text, [...values]);
  } catch (error) {
    throw toDatabaseError(error, true);
  }
}

/** What our functions raise is for the caller to read, but for faults of ours. */
function isOurs(error: unknown): boolean {
  const state = sqlState(error);
  return state !== null && state.startsWith('EXO') && state !== 'EXO09';
}

async function inTransaction<T>(client: ClientBase, work: (session: Session & { readonly client: ClientBase }) => Promise<T>): Promise<T> {
  let committing = false;
  try {
    await client.query('begin');
    const query = async <Row extends QueryResultRow>(
      { name, text }: Statement<Row>,
      values: readonly unknown[],
    ): Promise<readonly Row[]> => {
      const result = await client.query<Row>({ name, text, values: [...values] });
      return result.rows;
    };
    const result = await work({ query, client });
    committing = true;
    await client.query('commit');
    return result;
  } catch (error) {
    const translated = isOurs(error) ? error : toDatabaseError(error, committing);
    if (!committing && !leavesConnectionUnusable(error)) await rollBack(client, translated);
    throw translated;
  }
}

/** A connection that cannot even do that is given up, and the server then rolls back by itself. */
async function rollBack(client: ClientBase, reason: unknown): Promise<void> {
  try {
    await client.query('rollback');
  } catch (error) {
    throw new DatabaseUnavailableError('PostgreSQL went away while a transaction was rolled back.', {
      cause: new AggregateError([reason, error]),
      outcomeUnknown: false,
    });
  }
}
