import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createFileBlobStore } from './file-blob-store.ts';
import { registeredBlobStore } from './registered-blob-store.ts';

const { signal } = new AbortController();

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'exosphere-blobs-'));
  await work(folder).finally(() => rm(folder, { recursive: true }));
}

async function* content(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('hello');
}

it('tells the ledger of a blob when its bytes are there', () =>
  withFolder(async (folder) => {
    const files = await createFileBlobStore({ folder });
    const told: unknown[] = [];
    const register = {
      recordBlob: async (project: string, blob: { digest: string; size: number; host: string | null }): Promise<void> => {
        told.push({ project, ...blob, there: await files.has(project, blob.digest) });
      },
    };
    const { digest, size } = await registeredBlobStore(files, register, files.id).write('aikin', content(), { signal });
    expect(told).toEqual([{ project: 'aikin', digest, size, host: files.id, there: true }]);
  }));

it('fails where the ledger cannot be told', () =>
  withFolder(async (folder) => {
    const files = await createFileBlobStore({ folder });
    const register = { recordBlob: () => Promise.reject(new Error('no connection')) };
    await expect(registeredBlobStore(files, register, null).write('aikin', content(), { signal })).rejects.toThrow('no connection');
  }));
