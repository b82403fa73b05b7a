import pg from 'pg';
import { explainConnectError } from '../database/explain-connect-error.ts';
import type { Connections, OnWarning, PoolSettings } from '../database/pools.ts';
import { openConnections, poolConfig } from '../database/pools.ts';
import { migrate } from '../migrate/migrate.ts';
import { partitionsOf } from '../runs/partitions.ts';
import { upkeepOf } from '../upkeep/upkeep.ts';
import { openQueue } from '../wake-ups/boss-queue.ts';
import { workSignal } from '../wake-ups/work-signal.ts';
import { requireVersion } from './server-version.ts';
import type { PostgresLedger } from './postgres-ledger.ts';
import { postgresLedger } from './postgres-ledger.ts';

export interface ConnectOptions {
  /** `postgresql://user:password@host:port/database`. */
  readonly connectionString: string;
  /** The queue whose wake-ups this process takes; runs that it makes belong to it. Default: `work`, that of every service and worker. */
  readonly queue?: string;
  /** Connections for commits and claims. Default 4. */
  readonly commitConnections?: number;
  /** Connections for what workers read, and as many for what people ask. Default 4. */
  readonly readConnections?: number;
  readonly applicationName?: string;
  /** Told of what went wrong without harm. Default: a warning of the process. */
  readonly onWarning?: OnWarning;
  readonly signal?: AbortSignal;
}

/**
 * Opens the ledger: brings the schema up to date, and starts pg-boss.
 *
 * Fails with `database-unavailable` (retryable), `database-refused` (wrong password, no such database), `database-too-old`,
 * `schema-newer` or `schema-changed`.
 */
export async function connectLedger(options: ConnectOptions): Promise<PostgresLedger> {
  const onWarning = options.onWarning ?? warnProcess;
  options.signal?.throwIfAborted();
  const { compression, isDurable } = await prepareDatabase(options);
  const settings = (max: number, statementTimeoutMs: number, purpose: string): PoolSettings => ({
    ...{
      connectionString: options.connectionString,
      max,
      statementTimeoutMs,
      compression,
      isDurable,
      plans: 'generic' as const,
      onWarning,
    },
    applicationName: `${options.applicationName ?? 'exosphere'} ${purpose}`,
  });
  const listening = poolConfig(settings(1, 10_000, 'listen'));
  const pools = {
    commits: openConnections(settings(options.commitConnections ?? 4, 15_000, 'commits')),
    leases: openConnections(settings(2, 4_000, 'leases')),
    reads: openConnections(settings(options.readConnections ?? 4, 30_000, 'reads')),
    people: openConnections({ ...settings(options.readConnections ?? 4, 10_000, 'people'), plans: 'custom' }),
    upkeep: openConnections(settings(2, 60_000, 'upkeep')),
  };
  try {
    const partitions = partitionsOf(pools.commits);
    await partitions.ensureAhead();
    const queue = await openQueue(pools.upkeep, options.queue ?? 'work', onWarning);
    const signal = workSignal(pools.leases, onWarning);
    const upkeeping = upkeepOf({ connections: pools.upkeep, partitions, queue, onWarning });
    return postgresLedger({ ...pools, queue, partitions, signal, upkeeping, listening, onWarning });
  } catch (error) {
    await closeAll(Object.values(pools));
    throw error;
  }
}

export async function closeAll(connections: readonly Connections[]): Promise<void> {
  await Promise.all(connections.map((each) => each.close()));
}

/** Checks the server, and brings the schema up to date; answers with what its sessions need. */
async function prepareDatabase({ connectionString, signal }: ConnectOptions): Promise<Pick<PoolSettings, 'compression' | 'isDurable'>> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000, application_name: 'exosphere migrations' });
  client.on('error', () => undefined); // the statement under way fails with it
  try {
    await client.connect();
    signal?.throwIfAborted();
    const { rows } = await client.query<{ version: number; name: string; lz4: boolean; durable: boolean }>(
      `select current_setting('server_version_num')::int as version, current_setting('server_version') as name,
         exists (select 1 from pg_settings where name = 'default_toast_compression' and 'lz4' = any (enumvals)) as lz4,
         current_setting('synchronous_commit') <> 'off' as durable`,
    );
    const [server] = rows;
    requireVersion(server);
    await migrate(client);
    return { compression: server.lz4 ? 'lz4' : 'pglz', isDurable: server.durable };
  } catch (error) {
    throw explainConnectError(error, connectionString);
  } finally {
    await client.end();
  }
}

function warnProcess({ message, cause }: { readonly message: string; readonly cause: unknown }): void {
  process.emitWarning(`${message}: ${cause instanceof Error ? cause.message : String(cause)}`, 'ExosphereWarning');
}
