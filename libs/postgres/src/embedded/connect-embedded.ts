import { connectionUrl, publishConnection } from './connection-file.ts';
import type { EmbeddedConnection } from './connection-file.ts';
import type { DatabaseHome } from './database-home.ts';
import type { OnProgress } from './embedded-progress.ts';
import { holdServer } from './hold-server.ts';
import { leaveServer } from './leave-server.ts';
import { openServer } from './open-server.ts';
import type { OpenServer } from './open-server.ts';
import { locateHome, prepareHome } from './prepare-home.ts';
import { whileLocked } from './start-stop-lock.ts';

export interface ConnectEmbeddedOptions {
  /** The project's folder. The state is kept in its `.exosphere`. */
  readonly folder: string;
  /** Ends the waiting, not the use: nothing half-made stays behind. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** The database of a project, held for its user until `release`. */
export interface EmbeddedDatabase {
  /** `postgresql://…`, on 127.0.0.1. Stays the same while it is held, even if the server has to be started anew. */
  readonly url: string;
  /** The same for `pg`. */
  readonly connectionOptions: EmbeddedConnection;
  readonly dataDirectory: string;
  /** Of PostgreSQL: `18.4` */
  readonly version: string;
  /** False: it ran already. */
  readonly startedHere: boolean;
  /** Gives it up; close your pools before. Who is the last to do so stops the server, and waits at most 15 s for it. */
  readonly release: () => Promise<void>;
}

/**
 * Gives the PostgreSQL of a project's folder, which any number of processes share: the first one makes and starts it, the last one stops it,
 * and what a killed process leaves running is used by the next.
 *
 * Errors: {@link EmbeddedDatabaseError}; the signal's reason if that was aborted.
 */
export async function connectEmbedded({ folder, signal, onProgress }: ConnectEmbeddedOptions): Promise<EmbeddedDatabase> {
  signal?.throwIfAborted();
  const home = await locateHome(folder);
  await prepareHome(home);
  const onWait = (): void =>
    onProgress?.({ kind: 'waiting', message: 'Waiting for another process that starts or stops the embedded database' });
  const server = await whileLocked(home, { signal, onWait }, async () => {
    const opened = await openServer({ home, signal, onProgress });
    try {
      await publish(home, opened);
    } catch (error) {
      await leaveServer(home, opened.presence);
      throw error;
    }
    return opened;
  });
  const { release } = holdServer({ home, server, onProgress, onRestored: (again) => publish(home, again) });
  return {
    url: connectionUrl(server.connection),
    connectionOptions: server.connection,
    dataDirectory: home.dataDirectory,
    version: server.presence.version,
    startedHere: server.startedHere,
    release,
  };
}

async function publish(home: DatabaseHome, { connection, presence, pid }: OpenServer): Promise<void> {
  const { folder, dataDirectory } = home;
  await publishConnection(home, { url: connectionUrl(connection), ...connection, folder, dataDirectory, version: presence.version, pid });
}
