import { chmod, lstat, mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseHome } from './database-home.ts';
import type { DatabaseHome, HomeOptions } from './database-home.ts';
import { EmbeddedDatabaseError } from './embedded-database-error.ts';
import { onFiles, systemCode } from './file-failure.ts';

/** As root, binaries and data go here. */
export const systemDirectory = '/var/lib/exosphere';

/** Where the database of a folder is, or would be. Makes nothing. */
export async function locateHome(folder: string, options: Partial<HomeOptions> = {}): Promise<DatabaseHome> {
  const resolved = await onFiles('open the project folder', folder, () => realpath(folder));
  return databaseHome(resolved, {
    asRoot: options.asRoot ?? process.getuid?.() === 0,
    systemDirectory: options.systemDirectory ?? systemDirectory,
  });
}

/** Makes the folders of a database, readable for nobody else. */
export async function prepareHome(home: DatabaseHome): Promise<void> {
  await onFiles('use', home.stateFolder, () => makeStateFolder(home.stateFolder));
  await onFiles('use', home.directory, () => makeDirectory(home));
}

async function makeStateFolder(stateFolder: string): Promise<void> {
  await mkdir(stateFolder, { mode: 0o700 }).catch(async (error: unknown) => {
    // A symbolic link in a checkout must not make us (root, perhaps) write elsewhere.
    if (systemCode(error) !== 'EEXIST' || (await lstat(stateFolder)).isDirectory()) return ignoreExisting(error);
    throw new EmbeddedDatabaseError({
      code: 'embedded-folder-unusable',
      found: `${stateFolder} is not a folder`,
      advice: 'Exosphere keeps its local state there. Move it away, then try again.',
    });
  });
  await writeFile(join(stateFolder, '.gitignore'), '*\n', { flag: 'wx' }).catch(ignoreExisting);
}

async function makeDirectory(home: DatabaseHome): Promise<void> {
  if (!home.asRoot) {
    await mkdir(home.directory, { recursive: true, mode: 0o700 });
    return;
  }
  // The server's user passes through, and reads what is its own; the modes hold whatever our umask is.
  await mkdir(home.directory, { recursive: true });
  await chmod(home.binariesDirectory, 0o755);
  await chmod(home.directory, 0o711);
}

function ignoreExisting(error: unknown): void {
  if (systemCode(error) !== 'EEXIST') throw error;
}
