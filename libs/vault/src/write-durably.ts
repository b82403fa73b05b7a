import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How a file comes to its name: in place of what is there, or only where nothing is (the answer tells). */
export type Placing = 'replace' | 'only-new';

/** Writes a file that only its owner reads: whole or not at all, also after a crash. False: there is one already. */
export async function writeDurably(path: string, text: string, placing: Placing): Promise<boolean> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
    if (placing === 'replace') await rename(temporary, path);
    else if (!(await linkNew(temporary, path))) return false;
    await syncFolder(folder);
    return true;
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}

async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
    throw cause;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
