import { access, mkdir, rm } from 'node:fs/promises';
import type { BlobStore } from '@exosphere/ports';
import { asBlobFailure, isMissing } from './blob-failure.ts';
import { blobPath } from './blob-path.ts';
import { removeLeftOver } from './left-over.ts';
import { readBlob } from './read-blob.ts';
import { storeIdOf } from './store-id.ts';
import { temporaryFolder, writeBlob } from './write-blob.ts';

/** A blob store in a folder of this host. */
export interface FileBlobStore extends BlobStore {
  /** Tells this folder from every other one: see `requireSameStore`. */
  readonly id: string;
}

/** Opens the store in a folder, which is made if it is not there. Any number of processes may use it at the same time. */
export async function createFileBlobStore(options: { readonly folder: string }): Promise<FileBlobStore> {
  const { folder } = options;
  const id = await asFailures('be opened', async () => {
    await mkdir(temporaryFolder(folder), { recursive: true, mode: 0o700 });
    await removeLeftOver(folder, Date.now());
    return storeIdOf(folder);
  });
  return {
    id,
    write: (project, content, { signal }) => asFailures('write a file', () => writeBlob({ folder, project, signal }, content)),
    read: (project, digest, { signal }) => readBlob({ folder, project, digest, signal }),
    has: (project, digest) => asFailures('look for a file', () => exists(blobPath(folder, project, digest))),
    remove: (project, digest) => asFailures('remove a file', () => rm(blobPath(folder, project, digest), { force: true })),
  };
}

async function asFailures<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw asBlobFailure(cause, doing);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw cause;
  }
}
