import type { S3Server } from '@exosphere/testkit';
import { startS3Server } from '@exosphere/testkit';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { S3Client } from './index.ts';
import { openS3 } from './index.ts';

const keys = { accessKeyId: 'reader', secretAccessKey: 'reader-secret/+=' };
let server: S3Server;

function open(credentials = keys, endpoint = server.url): S3Client {
  return openS3({ endpoint: () => endpoint, region: null, credentials, signal: AbortSignal.timeout(60_000) });
}

async function allKeys(
  client: S3Client,
  prefix: string,
  more: { delimiter?: '/' | null; startAfter?: string | null } = {},
): Promise<string[]> {
  const found: string[] = [];
  for await (const page of client.list('bucket', { prefix, delimiter: null, startAfter: null, ...more }))
    found.push(...page.entries.map(({ key }) => key));
  return found;
}

function streamOf(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks);
}

beforeAll(async () => {
  server = await startS3Server({
    accessKeys: [
      { id: keys.accessKeyId, secret: keys.secretAccessKey },
      { id: 'narrow', secret: 'narrow-secret', buckets: ['bucket'] },
    ],
    buckets: ['bucket', 'other'],
  });
});
afterAll(() => server.stop());

describe('an S3 client', () => {
  it('writes an object with its metadata and reads it back', async () => {
    const object = { bucket: 'bucket', key: "a folder/ümlaut & (more)+*'!~.txt" };
    await open().put(object, streamOf(new TextEncoder().encode('hello')), { contentType: 'text/plain', metadata: { who: 'me' } });
    const found = await open().get(object);
    expect(found?.info).toMatchObject({ size: 5, contentType: 'text/plain', metadata: { who: 'me' } });
    expect(await text(found!.body)).toBe('hello');
    expect((await server.get('bucket', object.key))?.metadata).toEqual({ who: 'me' });
    expect(await open().head(object)).toMatchObject({ size: 5, etag: '5d41402abc4b2a76b9719d911017c592' });
  });

  it('writes an object of no bytes', async () => {
    await open().put({ bucket: 'bucket', key: 'empty' }, streamOf(), { contentType: 'text/plain', metadata: {} });
    expect((await server.get('bucket', 'empty'))?.content.length).toBe(0);
  });

  it('writes what is larger than one part in parts, byte for byte', async () => {
    const bytes = Uint8Array.from({ length: 20 * 2 ** 20 + 7 }, (_, index) => (index * 31) % 251);
    const chunks = [bytes.subarray(0, 3), bytes.subarray(3, 9 * 2 ** 20), bytes.subarray(9 * 2 ** 20)];
    await open().put({ bucket: 'bucket', key: 'large' }, streamOf(...chunks), { contentType: 'x/y', metadata: { parts: 'yes' } });
    const stored = await server.get('bucket', 'large');
    expect(Buffer.compare(await buffer((await open().get({ bucket: 'bucket', key: 'large' }))!.body), bytes)).toBe(0);
    expect(stored).toMatchObject({ contentType: 'x/y', metadata: { parts: 'yes' } });
  });

  it('aborts an upload in parts when its source breaks', async () => {
    const broken = ReadableStream.from(
      (async function* () {
        yield new Uint8Array(17 * 2 ** 20);
        throw new RangeError('the source broke');
      })(),
    );
    const put = open().put({ bucket: 'bucket', key: 'broken' }, broken, { contentType: 'x/y', metadata: {} });
    await expect(put).rejects.toThrow('the source broke');
    expect(await server.get('bucket', 'broken')).toBeNull();
  });

  it('copies with new metadata and deletes, also what is not there', async () => {
    await server.put('bucket', 'from', 'content', { metadata: { old: '1' } });
    await open().copy(
      { bucket: 'bucket', key: 'from' },
      { bucket: 'other', key: 'a b/to' },
      { contentType: 'text/plain', metadata: { fresh: '2' } },
    );
    expect(await server.get('other', 'a b/to')).toMatchObject({ contentType: 'text/plain', metadata: { fresh: '2' } });
    await open().remove({ bucket: 'bucket', key: 'from' });
    await open().remove({ bucket: 'bucket', key: 'from' });
    expect(await open().get({ bucket: 'bucket', key: 'from' })).toBeNull();
    expect(await open().head({ bucket: 'bucket', key: 'from' })).toBeNull();
  });

  it('lists over more than one page, below a prefix, in one folder, after a key', async () => {
    const names = Array.from({ length: 1005 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
    for (const name of [...names, 'many/deeper/x']) await server.put('bucket', name, 'x');
    expect(await allKeys(open(), 'many/')).toHaveLength(1006);
    expect(await allKeys(open(), 'many/', { delimiter: '/' })).toEqual(names);
    expect(await allKeys(open(), 'many/', { startAfter: 'many/1001' })).toEqual(['many/1002', 'many/1003', 'many/1004', 'many/deeper/x']);
  });

  it('names what it lists with all their characters', async () => {
    const odd = `odd/a b ü+%20 (c) *`; // what XML escapes is in s3-xml.test.ts: this server escapes it twice
    await server.put('bucket', odd, 'x');
    expect(await allKeys(open(), 'odd/')).toEqual([odd]);
  });

  it('says which bucket does not exist', async () => {
    const client = open();
    const bucket = 'no-such-bucket';
    await expect(
      client.list(bucket, { prefix: '', delimiter: null, startAfter: null })[Symbol.asyncIterator]().next(),
    ).rejects.toMatchObject({
      code: 'bucket-missing',
      retryable: false,
      message: expect.stringContaining(`'${bucket}'`),
    });
    await expect(client.get({ bucket, key: 'k' })).rejects.toMatchObject({ code: 'bucket-missing' });
    await expect(client.remove({ bucket, key: 'k' })).rejects.toMatchObject({ code: 'bucket-missing' });
    await expect(client.put({ bucket, key: 'k' }, streamOf(), { contentType: 'x/y', metadata: {} })).rejects.toMatchObject({
      code: 'bucket-missing',
    });
  });

  it.each([
    ['an unknown access key', { accessKeyId: 'nobody', secretAccessKey: 'x' }],
    ['a wrong secret', { ...keys, secretAccessKey: 'wrong' }],
    ['a key without the right to this bucket', { accessKeyId: 'narrow', secretAccessKey: 'narrow-secret' }],
  ])('is denied with %s, for reading, looking, writing, deleting and listing', async (_, credentials) => {
    const client = open(credentials);
    const object = { bucket: 'other', key: 'k' };
    const denied = { code: 'access-denied', retryable: false, message: expect.stringContaining('s3://other') };
    await expect(client.get(object)).rejects.toMatchObject(denied);
    await expect(client.head(object)).rejects.toMatchObject(denied);
    await expect(client.put(object, streamOf(), { contentType: 'x/y', metadata: {} })).rejects.toMatchObject(denied);
    await expect(client.remove(object)).rejects.toMatchObject(denied);
    await expect(
      client.list('other', { prefix: '', delimiter: null, startAfter: null })[Symbol.asyncIterator]().next(),
    ).rejects.toMatchObject(denied);
  });

  it('never says a secret in an error', async () => {
    const failure: unknown = await open({ ...keys, secretAccessKey: 'another-secret' })
      .get({ bucket: 'bucket', key: 'k' })
      .catch((error: unknown) => error);
    expect(String(failure)).not.toContain('another-secret');
  });

  it('refuses keys that a URL would turn into others', async () => {
    for (const key of ['../other/k', 'a/../../other/k', 'a/./b', '..', '']) {
      await expect(open().remove({ bucket: 'bucket', key })).rejects.toMatchObject({ code: 'key-unsupported', retryable: false });
    }
  });

  it('may be asked again when nothing answers', async () => {
    const client = open(keys, 'http://127.0.0.1:9');
    await expect(client.head({ bucket: 'bucket', key: 'k' })).rejects.toMatchObject({ code: 's3-unreachable', retryable: true });
  });
});
