import { mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blobStoreContract } from '@exosphere/testkit/blob-store-contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobPath } from './blob-path.ts';
import { createFileBlobStore, requireSameStore } from './index.ts';

blobStoreContract('a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'exosphere-blobs-'));
  return { store: await createFileBlobStore({ folder }), close: () => rm(folder, { recursive: true }) };
});

describe('a blob store in a folder', () => {
  const { signal } = new AbortController();
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exosphere-blobs-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const bytes = async function* (text: string): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  };

  it('notices at the end of a read that the stored bytes were changed', async () => {
    const store = await createFileBlobStore({ folder });
    const { digest } = await store.write('p', bytes('as it was'), { signal });
    await truncate(blobPath(folder, 'p', digest), 3);
    const drain = async (): Promise<void> => {
      for await (const chunk of await store.read('p', digest, { signal })) expect(chunk).toHaveLength(3);
    };
    await expect(drain()).rejects.toMatchObject({ code: 'blob-corrupt' });
  });

  it('leaves no temporary file behind', async () => {
    const store = await createFileBlobStore({ folder });
    await store.write('p', bytes('x'), { signal });
    await store.write('p', broken(), { signal }).catch(() => null);
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  it('removes the leavings of crashed writers after a day, not those of writers at work', async () => {
    await createFileBlobStore({ folder });
    const old = join(folder, 'tmp', 'old');
    await writeFile(old, 'x');
    await writeFile(join(folder, 'tmp', 'new'), 'x');
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);
    await utimes(old, twoDaysAgo, twoDaysAgo);
    await createFileBlobStore({ folder });
    expect(await readdir(join(folder, 'tmp'))).toEqual(['new']);
  });

  it('has an id that stays, the same for all who open it at once', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, async () => (await createFileBlobStore({ folder })).id));
    expect(new Set(ids).size).toBe(1);
    expect((await createFileBlobStore({ folder })).id).toBe(ids[0]);
  });

  it('is told from a store elsewhere, in a sentence that says what to do', () => {
    expect(() => requireSameStore('a', 'a')).not.toThrow();
    expect(() => requireSameStore('a', 'b')).toThrow(/serves one host: start this worker there, or use a blob store of the kind 's3'/);
  });

  it('says that it cannot be used, and that this may pass', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(createFileBlobStore({ folder: join(folder, 'file') })).rejects.toMatchObject({
      code: 'blob-store-unavailable',
      retryable: true,
    });
  });
});

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half');
  throw new RangeError('broken');
}
