import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { connectionUrl, embeddedConnection } from './connection-file.ts';
import type { EmbeddedConnection } from './connection-file.ts';
import { createDatabase } from './create-database.ts';
import { databaseHome } from './database-home.ts';
import type { DatabaseHome, ServerAccount } from './database-home.ts';
import { freePort } from './free-port.ts';
import { initialiseData, readPassword } from './initialise-data.ts';
import { locateHome } from './prepare-home.ts';
import { isAlive } from './server-state.ts';
import { serverAccount } from './server-account.ts';
import { usableBinaries } from './server-binaries.ts';
import type { ServerBinaries } from './server-binaries.ts';
import { serverSettings } from './server-settings.ts';
import { startServer } from './start-server.ts';
import { stopServer } from './stop-server.ts';

export interface TemporaryServerOptions {
  /** True: commits reach the disk, as in the product. Else it is faster, and nothing survives a crash of the machine. */
  readonly durable?: boolean;
  /** Where its folder is made: the system's folder for temporary files. */
  readonly under?: string;
}

/** A server that nobody shares, whose data go when it is stopped. */
export interface TemporaryServer {
  readonly url: string;
  readonly connectionOptions: EmbeddedConnection;
  readonly dataDirectory: string;
  /** Stops it at once and deletes its data. */
  readonly stop: () => Promise<void>;
}

const prefix = 'exosphere-server-';

/** Starts a server on fresh data for a test run: 0.8 s. What earlier runs left behind (killed before `stop`) is cleared away first. */
export async function startTemporaryServer({ durable = false, under = tmpdir() }: TemporaryServerOptions = {}): Promise<TemporaryServer> {
  await clearLeftovers(under);
  const home = await temporaryHome(await mkdtemp(join(under, `${prefix}${process.pid}-`)));
  const [binaries, account] = await Promise.all([usableBinaries(home), serverAccount(home)]);
  const stop = (): Promise<void> => remove(home, binaries, account);
  try {
    await initialiseData(home, binaries, { account });
    const port = await freePort();
    await startServer(home, binaries, { account, settings: serverSettings({ port, memoryBytes: totalmem(), durable }) });
    const connectionOptions = embeddedConnection(port, await readPassword(home));
    await createDatabase(connectionOptions);
    return { url: connectionUrl(connectionOptions), connectionOptions, dataDirectory: home.dataDirectory, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A home whose folder holds everything, for root, too: the folder for temporary files is open to all. */
async function temporaryHome(directory: string): Promise<DatabaseHome> {
  const usual = await locateHome(directory);
  const inside = databaseHome(usual.folder, { asRoot: false, systemDirectory: directory });
  const paths = { directory: usual.folder, dataDirectory: join(usual.folder, 'data'), logFile: join(usual.folder, 'server.log') };
  if (usual.asRoot) await chmod(usual.folder, 0o711);
  return {
    ...inside,
    ...paths,
    guardFile: join(usual.folder, 'server.lock'),
    binariesDirectory: usual.binariesDirectory,
    asRoot: usual.asRoot,
  };
}

async function remove(home: DatabaseHome, binaries: ServerBinaries, account: ServerAccount | null): Promise<void> {
  await stopServer(home, binaries, { account, mode: 'immediate' });
  await rm(home.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

async function clearLeftovers(under: string): Promise<void> {
  const folders = (await readdir(under)).filter(
    (name) => name.startsWith(prefix) && !isAlive(Number.parseInt(name.slice(prefix.length), 10)),
  );
  for (const name of folders) {
    const home = await temporaryHome(join(await realpath(under), name));
    if (!existsSync(home.directory)) continue;
    await remove(home, await usableBinaries(home), await serverAccount(home));
  }
}
