import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExosphereError } from '@exosphere/model';
import type { BlobStore } from '@exosphere/ports';

/** Blobs of a test in a folder: streamed, and there whole or not at all. */
export interface FolderBlobs extends BlobStore {
  /** Everything that lies in the folder, whole or not. */
  files(): Promise<readonly string[]>;
}

export async function folderBlobs(folder: string): Promise<FolderBlobs> {
  await mkdir(folder, { recursive: true });
  const pathOf = (project: string, digest: string): string => join(folder, `${project}-${digest.replace(':', '-')}`);
  const missing = (project: string, digest: string): ExosphereError =>
    new ExosphereError('blob-missing', `Project '${project}' has no file ${digest}.`);
  const has = async (project: string, digest: string): Promise<boolean> =>
    stat(pathOf(project, digest)).then(
      () => true,
      () => false,
    );
  return {
    has,
    async write(project, content, { signal }) {
      const temporary = join(folder, `tmp-${randomUUID()}`);
      const file = await open(temporary, 'wx');
      try {
        const hash = createHash('sha256');
        let size = 0;
        for await (const chunk of content) {
          signal.throwIfAborted();
          hash.update(chunk);
          size += chunk.byteLength;
          await file.write(chunk);
        }
        const digest = `sha256:${hash.digest('hex')}`;
        await rename(temporary, pathOf(project, digest));
        return { digest, size };
      } catch (cause) {
        await rm(temporary);
        throw cause;
      } finally {
        await file.close();
      }
    },
    async read(project, digest, { signal }) {
      if (!(await has(project, digest))) throw missing(project, digest);
      return createReadStream(pathOf(project, digest), { signal });
    },
    remove: (project, digest) => rm(pathOf(project, digest), { force: true }),
    files: () => readdir(folder),
  };
}
