import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { ExosphereError } from '@exosphere/model';
import { asBlobFailure, isMissing, missingBlob } from './blob-failure.ts';
import { blobPath } from './blob-path.ts';

const chunkBytes = 64 * 1024;

/** The bytes of a digest. Whether they still are its bytes is known at the end: a disk that lost a bit fails the last read. */
export async function readBlob(options: {
  readonly folder: string;
  readonly project: string;
  readonly digest: string;
  readonly signal: AbortSignal;
}): Promise<AsyncIterable<Uint8Array>> {
  const { folder, project, digest, signal } = options;
  signal.throwIfAborted();
  const path = blobPath(folder, project, digest);
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw isMissing(cause) ? missingBlob(project, digest) : asBlobFailure(cause, 'read a file');
  });
  return verified(file, digest, signal);
}

async function* verified(file: FileHandle, digest: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    const hash = createHash('sha256');
    for await (const chunk of file.createReadStream({ highWaterMark: chunkBytes, autoClose: false, signal })) {
      const bytes = chunk as Uint8Array; // a read stream without encoding gives buffers
      hash.update(bytes);
      yield bytes;
    }
    const found = `sha256:${hash.digest('hex')}`;
    if (found !== digest) {
      throw new ExosphereError('blob-corrupt', `The bytes of ${digest} have the digest ${found}: the stored file was changed.`);
    }
  } catch (cause) {
    throw asBlobFailure(cause, 'read a file');
  } finally {
    await file.close();
  }
}
