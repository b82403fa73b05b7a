import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { embeddedConnection, lastConnection } from './connection-file.ts';
import { databaseHome } from './database-home.ts';
import type { DatabaseHome } from './database-home.ts';
import { EmbeddedDatabaseError } from './embedded-database-error.ts';
import { onFiles } from './file-failure.ts';
import { readPassword } from './initialise-data.ts';
import { leaveServer } from './leave-server.ts';
import { join } from './presence.ts';
import { serverState } from './server-state.ts';
import { whileLocked } from './start-stop-lock.ts';

/**
 * Root's data lie under the hash of the folder's name. If the folder was moved (its `db.json` came along, and its old name is gone), its
 * data follow it. True: they did. A folder that was copied begins with data of its own. The caller holds the lock of the new home.
 */
export async function followMovedFolder(home: DatabaseHome, signal?: AbortSignal): Promise<boolean> {
  if (!home.asRoot) return false;
  const folder: unknown = (await lastConnection(home))?.folder;
  if (typeof folder !== 'string' || folder === home.folder || existsSync(folder)) return false;
  const before = databaseHome(folder, { asRoot: true, systemDirectory: dirname(home.directory) });
  if (!existsSync(before.dataDirectory)) return false;
  await whileLocked(before, { signal }, async () => {
    await stopUnused(before);
    await onFiles('move the data to', home.dataDirectory, () => rename(before.dataDirectory, home.dataDirectory));
    await onFiles('delete', before.directory, () => rm(before.directory, { recursive: true, force: true }));
  });
  return true;
}

/** A server whose users were killed may still run on the data under their old name. */
async function stopUnused(before: DatabaseHome): Promise<void> {
  const state = await serverState(before);
  if (state.kind === 'running' && state.port !== null) {
    const joined = await join(embeddedConnection(state.port, await readPassword(before)));
    if (joined.kind === 'joined') await leaveServer(before, joined.presence);
  }
  if ((await serverState(before)).kind !== 'running') return;
  throw new EmbeddedDatabaseError({
    code: 'embedded-in-use-elsewhere',
    found: `The folder was moved from ${before.folder} while its database was in use`,
    advice: 'End the programs that were started there, then try again: the data follow the folder.',
    retryable: true,
  });
}
