import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { blobPath } from './blob-path.ts';

interface Written {
  readonly temporary: string;
  readonly digest: string;
  readonly size: number;
}

/** Folder of what is being written. A name in it never holds a whole blob that somebody may read. */
export function temporaryFolder(folder: string): string {
  return join(folder, 'tmp');
}

async function writeTemporary(folder: string, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Written> {
  const temporary = join(temporaryFolder(folder), randomUUID());
  const file = await open(temporary, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of content) {
      signal.throwIfAborted();
      hash.update(chunk);
      size += chunk.byteLength;
      await file.writeFile(chunk);
    }
    signal.throwIfAborted();
    await file.sync();
    return { temporary, digest: `sha256:${hash.digest('hex')}`, size };
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  } finally {
    await file.close();
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

/** The folders that had to be made for a path hold new names: these names are made durable too. */
async function makeFolders(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/**
 * Writes a stream to its digest: temporary file, fsync, rename, fsync of the folder. After a crash a blob is there whole or not at
 * all. Who writes the same bytes at the same time renames over an equal file.
 */
export async function writeBlob(
  options: { readonly folder: string; readonly project: string; readonly signal: AbortSignal },
  content: AsyncIterable<Uint8Array>,
): Promise<{ digest: string; size: number }> {
  const { temporary, digest, size } = await writeTemporary(options.folder, content, options.signal);
  try {
    const path = blobPath(options.folder, options.project, digest);
    await makeFolders(dirname(path));
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return { digest, size };
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}
