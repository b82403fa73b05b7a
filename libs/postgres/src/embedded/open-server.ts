import { totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { unreachable } from '@exosphere/model';
import { embeddedConnection, lastPort } from './connection-file.ts';
import type { EmbeddedConnection } from './connection-file.ts';
import { createDatabase } from './create-database.ts';
import type { DatabaseHome } from './database-home.ts';
import { EmbeddedDatabaseError } from './embedded-database-error.ts';
import type { OnProgress } from './embedded-progress.ts';
import { followMovedFolder } from './follow-moved-folder.ts';
import { freePort, portIsFree } from './free-port.ts';
import { initialiseData, readPassword, syncData } from './initialise-data.ts';
import * as failures from './open-failures.ts';
import { join } from './presence.ts';
import type { Presence, Refusal } from './presence.ts';
import { serverAccount } from './server-account.ts';
import { needsCopy, usableBinaries } from './server-binaries.ts';
import { serverSettings } from './server-settings.ts';
import { serverState } from './server-state.ts';
import type { ServerState } from './server-state.ts';
import { startServer } from './start-server.ts';
import { untilStopped } from './stop-server.ts';

export interface OpenOptions {
  readonly home: DatabaseHome;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Set by who had the database before: it must be the same data, on this port, or nothing. */
  readonly samePort?: number;
}

export interface OpenServer {
  readonly connection: EmbeddedConnection;
  readonly presence: Presence;
  readonly pid: number;
  readonly startedHere: boolean;
}

/** How long a server that says it is ready may fail to answer, and how long one may recover that another process started. */
const patienceMs = { ready: 15_000, starting: 120_000 };
const stopPatienceMs = 60_000;
/** A server that somebody killed as it came up may be started again; one that cannot live is not tried for ever. */
const mostStarts = 3;

/** Joins the server of this home; makes its data and starts it where that is needed. The caller holds the lock of the home. */
export async function openServer(options: OpenOptions): Promise<OpenServer> {
  const { home, signal, onProgress } = options;
  let since = performance.now();
  let starts = 0;
  for (;;) {
    signal?.throwIfAborted();
    const state = await serverState(home);
    switch (state.kind) {
      case 'damaged':
        throw failures.damaged(home);
      case 'absent':
      case 'stopped':
      case 'crashed':
        if (starts === mostStarts) throw failures.endedAgain(home);
        if (state.kind === 'absent' && (await followMovedFolder(home, signal))) break;
        starts += 1;
        await bringUp(options, state).catch((error: unknown) => {
          if (!wasKilled(error) || starts === mostStarts) throw error;
        });
        since = performance.now();
        break;
      case 'running': {
        if (state.status === 'stopping') {
          onProgress?.({ kind: 'stopping', message: 'Waiting for the embedded database, which is being stopped, to start it anew' });
          if (!(await untilStopped(home, stopPatienceMs, signal))) throw failures.notAnswering(home, state.pid);
          since = performance.now();
          break;
        }
        const joined = await tryJoin(options, state);
        if (joined !== null) {
          const { pid } = state;
          if (starts === 0) onProgress?.({ kind: 'adopted', message: `Using the embedded database that runs already, process ${pid}` });
          return { ...joined, pid, startedHere: starts > 0 };
        }
        if (performance.now() - since > patienceMs[state.status]) throw failures.notAnswering(home, state.pid);
        await sleep(10);
        break;
      }
      default:
        unreachable(state);
    }
  }
}

function wasKilled(error: unknown): boolean {
  return error instanceof EmbeddedDatabaseError && error.code === 'embedded-start-failed' && error.retryable;
}

type Running = Extract<ServerState, { readonly kind: 'running' }>;

/** Null: not yet; look again. */
async function tryJoin(
  { home }: OpenOptions,
  { port, pid, status }: Running,
): Promise<{ connection: EmbeddedConnection; presence: Presence } | null> {
  if (port === null || status === 'starting') return null;
  const connection = embeddedConnection(port, await readPassword(home));
  const joined = await join(connection);
  if (joined.kind === 'joined') return { connection, presence: joined.presence };
  return await onRefusal(joined.why, { home, pid, connection, cause: joined.cause });
}

async function onRefusal(
  why: Refusal,
  { home, pid, connection, cause }: { home: DatabaseHome; pid: number; connection: EmbeddedConnection; cause: unknown },
): Promise<null> {
  switch (why) {
    case 'not-ready':
      return null;
    case 'no-database':
      await createDatabase(connection);
      return null;
    case 'wrong-password':
      throw failures.wrongPassword(home, cause);
    case 'too-many-connections':
      throw failures.tooManyConnections(pid, cause);
    default:
      return unreachable(why);
  }
}

async function bringUp(options: OpenOptions, state: Exclude<ServerState, { readonly kind: 'running' | 'damaged' }>): Promise<void> {
  const { home, signal, onProgress } = options;
  if (state.kind === 'absent' && options.samePort !== undefined) throw failures.vanished(home);
  if (needsCopy(home))
    onProgress?.({ kind: 'copying-binaries', message: `Copying the PostgreSQL binaries to ${home.binariesDirectory}, once` });
  const [binaries, account] = await Promise.all([usableBinaries(home), serverAccount(home)]);
  const start = async (port: number): Promise<void> => {
    const settings = serverSettings({ port, memoryBytes: availableMemory(), durable: true });
    await startServer(home, binaries, { account, settings, signal, onProgress });
  };
  if (state.kind === 'absent') {
    onProgress?.({ kind: 'creating', message: `Creating the embedded database in ${home.dataDirectory}` });
    await initialiseData(home, binaries, { account, signal });
    await Promise.all([startOnSomePort(options, start), syncData(home, binaries, account)]);
    return;
  }
  if (state.majorVersion !== binaries.majorVersion) throw failures.wrongVersion(home, state.majorVersion, binaries.majorVersion);
  onProgress?.({ kind: 'starting', message: 'Starting the embedded database' });
  await startOnSomePort(options, start);
}

/** The port it had last, so that what people wrote down goes on to work, or else any free one. */
async function startOnSomePort({ home, samePort, onProgress }: OpenOptions, start: (port: number) => Promise<void>): Promise<void> {
  const wanted = samePort ?? (await lastPort(home));
  let port = wanted !== null && (await portIsFree(wanted)) ? wanted : null;
  if (samePort !== undefined && port === null) throw failures.portTaken(samePort);
  for (let attempt = 1; ; attempt += 1) {
    port ??= await freePort();
    try {
      await start(port);
      if (wanted !== null && port !== wanted) {
        onProgress?.({ kind: 'port-changed', message: `Port ${wanted} is taken by another program: the embedded database uses ${port}` });
      }
      return;
    } catch (error) {
      const taken = error instanceof EmbeddedDatabaseError && error.code === 'embedded-port-taken';
      if (!taken || samePort !== undefined || attempt === 5) throw error;
      port = null;
    }
  }
}

function availableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
