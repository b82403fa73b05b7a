import { createHash } from 'node:crypto';
import type { BlobStore } from '@exosphere/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** A store for one test, and what ends it. */
export interface BlobStoreUnderTest {
  readonly store: BlobStore;
  readonly close: () => Promise<void>;
}

const signal = new AbortController().signal;

async function* chunksOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** What every {@link BlobStore} does. Call it in a test file of the adapter, with how to open an empty store. */
export function blobStoreContract(name: string, open: () => Promise<BlobStoreUnderTest>): void {
  describe(`${name} as a blob store`, () => {
    let under: BlobStoreUnderTest;
    beforeEach(async () => {
      under = await open();
    });
    afterEach(() => under.close());

    const write = (project: string, ...texts: string[]): Promise<{ digest: string; size: number }> =>
      under.store.write(project, chunksOf(...texts), { signal });
    const read = async (project: string, digest: string): Promise<string> => textOf(await under.store.read(project, digest, { signal }));

    it('gives the digest and the size of what it stored, and the bytes back', async () => {
      const written = await write('p', 'hello ', 'wörld');
      expect(written).toEqual({ digest: digestOf('hello wörld'), size: 12 });
      expect(await read('p', written.digest)).toBe('hello wörld');
      expect(await under.store.has('p', written.digest)).toBe(true);
    });

    it('stores an empty file', async () => {
      const written = await write('p');
      expect(written).toEqual({ digest: digestOf(''), size: 0 });
      expect(await read('p', written.digest)).toBe('');
    });

    it('stores the same bytes once, also when they come at the same time', async () => {
      const all = await Promise.all(Array.from({ length: 10 }, () => write('p', 'same')));
      expect(new Set(all.map(({ digest }) => digest))).toEqual(new Set([digestOf('same')]));
      await under.store.remove('p', digestOf('same'));
      expect(await under.store.has('p', digestOf('same'))).toBe(false);
    });

    it('keeps projects apart', async () => {
      const { digest } = await write('p', 'mine');
      expect(await under.store.has('q', digest)).toBe(false);
      await expect(under.store.read('q', digest, { signal })).rejects.toMatchObject({ code: 'blob-missing', retryable: false });
      await under.store.remove('q', digest);
      expect(await read('p', digest)).toBe('mine');
    });

    it('keeps projects with odd names apart', async () => {
      const names = ['..', '.', 'a/b', 'a%2Fb', 'A', 'a', 'ü', ''];
      const digests = await Promise.all(names.map((project) => write(project, `of ${project}`)));
      for (const [index, project] of names.entries()) {
        const digest = digests[index]?.digest ?? '';
        expect(await read(project, digest)).toBe(`of ${project}`);
        for (const other of names) expect(await under.store.has(other, digest)).toBe(other === project);
      }
    });

    it('says that a digest is missing, also where it is no digest at all', async () => {
      for (const digest of [digestOf('never stored'), '', 'sha256:../../../etc/passwd', `sha256:${'A'.repeat(64)}`, 'md5:abc']) {
        await expect(under.store.read('p', digest, { signal })).rejects.toMatchObject({ code: 'blob-missing', retryable: false });
      }
    });

    it('removes what is there and does not mind what is not', async () => {
      const { digest } = await write('p', 'gone');
      await under.store.remove('p', digest);
      await under.store.remove('p', digest);
      await expect(under.store.read('p', digest, { signal })).rejects.toMatchObject({ code: 'blob-missing' });
    });

    it('stores nothing of a stream that fails', async () => {
      const failing = async function* (): AsyncGenerator<Uint8Array> {
        yield Buffer.from('half');
        throw new RangeError('the source broke');
      };
      await expect(under.store.write('p', failing(), { signal })).rejects.toThrow('the source broke');
      expect(await under.store.has('p', digestOf('half'))).toBe(false);
    });

    it('stops writing when it is told to', async () => {
      const stop = new AbortController();
      const endless = async function* (): AsyncGenerator<Uint8Array> {
        for (let count = 0; ; count += 1) {
          if (count === 3) stop.abort();
          yield Buffer.alloc(1024);
        }
      };
      await expect(under.store.write('p', endless(), { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
    });

    it('streams 20 MiB without holding them', async () => {
      const chunk = Buffer.alloc(64 * 1024, 7);
      const many = async function* (): AsyncGenerator<Uint8Array> {
        for (let count = 0; count < 320; count += 1) yield chunk;
      };
      const { digest, size } = await under.store.write('p', many(), { signal });
      let read = 0;
      for await (const bytes of await under.store.read('p', digest, { signal })) {
        read += bytes.byteLength;
        expect(bytes.byteLength).toBeLessThanOrEqual(1024 * 1024);
      }
      expect([size, read]).toEqual([320 * 64 * 1024, 320 * 64 * 1024]);
    });
  });
}
