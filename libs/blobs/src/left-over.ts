import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './blob-failure.ts';
import { temporaryFolder } from './write-blob.ts';

const leftOverAfterMs = 24 * 60 * 60 * 1000;

/** Removes what crashed writers left behind: temporary files that nobody wrote to for a day. */
export async function removeLeftOver(folder: string, now: number): Promise<void> {
  const temporary = temporaryFolder(folder);
  for (const name of await readdir(temporary)) {
    const path = join(temporary, name);
    try {
      if ((await stat(path)).mtimeMs < now - leftOverAfterMs) await rm(path, { force: true });
    } catch (cause) {
      if (!isMissing(cause)) throw cause; // another process was faster
    }
  }
}
