import { randomUUID } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ExosphereError } from '@exosphere/model';
import { isMissing, isPresent } from './blob-failure.ts';
import { temporaryFolder } from './write-blob.ts';

async function existing(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw cause;
  }
}

/** The id of the folder, made at its first use. Two processes that come at once get the same one: only one link succeeds. */
export async function storeIdOf(folder: string): Promise<string> {
  const path = join(folder, 'store-id');
  const known = await existing(path);
  if (known !== null) return known;
  const id = randomUUID();
  const temporary = join(temporaryFolder(folder), `store-id-${id}`);
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(`${id}\n`);
    await file.sync();
    await link(temporary, path);
    return id;
  } catch (cause) {
    const other = isPresent(cause) ? await existing(path) : null;
    if (other === null) throw cause;
    return other;
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}

/**
 * Refuses a worker whose files lie elsewhere than those of the system that it joins.
 *
 * @param recorded the id that the first process stored in the database
 * @param own the id of this process's store
 */
export function requireSameStore(recorded: string, own: string): void {
  if (recorded === own) return;
  throw new ExosphereError(
    'blob-store-elsewhere',
    `The files of this database lie in the blob store ${recorded}, on another host or in another folder; this process has ${own}. ` +
      `A store of the kind 'fs' serves one host: start this worker there, or use a blob store of the kind 's3'.`,
  );
}
