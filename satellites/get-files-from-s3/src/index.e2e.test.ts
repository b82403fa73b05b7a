import type { FileValue, JsonObject } from '@exosphere/satellite';
import { testSatellite } from '@exosphere/satellite/testing';
import type { S3Server } from '@exosphere/testkit';
import { startS3Server } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import getFiles from './index.ts';

const secrets = { AWS_ACCESS_KEY: 'key', AWS_SECRET_KEY: 'secret' };
let server: S3Server;

beforeAll(async () => {
  server = await startS3Server({ accessKeys: [{ id: 'key', secret: 'secret' }], buckets: ['reports', 'empty'] });
  for (const key of ['sec/a.pdf', 'sec/2024/b.pdf', 'sec/2024/q1/c.PDF', 'sec/notes.txt', 'security.pdf', 'sec/z.pdf']) {
    await server.put('reports', key, `content of ${key}`, { contentType: 'application/pdf' });
  }
});
afterAll(() => server.stop());

function get(config: object, more: object = {}) {
  return testSatellite(getFiles, { config: { bucket: 'reports', ...config }, secrets, endpoints: { s3: server.url }, ...more });
}

const paths = (objects: readonly JsonObject[]): unknown[] => objects.map((object) => object['file-path']);

describe('get-files-from-s3', () => {
  it('hands on each file with its content, name, path, URI, size and tag', async () => {
    const { objects, files, error } = await get({ prefix: 'sec/', recursive: true, extension: 'pdf' });
    expect(error).toBeNull();
    expect(paths(objects)).toEqual(['sec/2024/b.pdf', 'sec/2024/q1/c.PDF', 'sec/a.pdf', 'sec/z.pdf']);
    const found = objects.find((object) => object['file-path'] === 'sec/a.pdf');
    expect(found).toMatchObject({
      'file-name': 'a.pdf',
      'file-uri': 's3://reports/sec/a.pdf',
      size: 20,
      etag: expect.stringMatching(/^[0-9a-f]{32}$/),
      file: { name: 'a.pdf', size: 20, 'content-type': 'application/pdf' },
    });
    expect(await files.text(found?.['file'] as unknown as FileValue)).toBe('content of sec/a.pdf');
  });

  it('stays in the folder where it is not recursive', async () => {
    expect(paths((await get({ prefix: 'sec', extension: 'pdf' })).objects)).toEqual(['sec/a.pdf', 'sec/z.pdf']);
    expect(paths((await get({})).objects)).toEqual(['security.pdf']);
  });

  it('gives an empty list for an empty bucket', async () => {
    expect(await get({ bucket: 'empty', recursive: true })).toMatchObject({ objects: [], error: null });
  });

  it('streams, and goes on after the last recorded key', async () => {
    const emitted: number[] = [];
    const onEmit = (objects: readonly JsonObject[]): void => void emitted.push(objects.length);
    const { objects } = await get({ prefix: 'sec/', recursive: true }, { resume: { count: 2, lastKey: 'sec/a.pdf' }, onEmit });
    expect(paths(objects)).toEqual(['sec/notes.txt', 'sec/z.pdf']);
    expect(emitted).toEqual([1, 1]);
  });

  it('names a bucket that does not exist', async () => {
    const { error } = await get({ bucket: 'no-such-bucket' });
    expect(error).toMatchObject({ code: 'bucket-missing', retryable: false, message: expect.stringContaining("'no-such-bucket'") });
  });

  it('says that it was denied, and names the bucket', async () => {
    const { error } = await get({}, { secrets: { ...secrets, AWS_SECRET_KEY: 'wrong' } });
    expect(error).toMatchObject({ code: 'access-denied', retryable: false, message: expect.stringContaining('s3://reports') });
  });

  it('names a secret that the step did not grant', async () => {
    const { error } = await get({}, { secrets: { AWS_ACCESS_KEY: 'key' } });
    expect(error).toMatchObject({ code: 'secret-missing', retryable: false, message: expect.stringContaining('AWS_SECRET_KEY') });
  });

  it('uses the endpoint of its config where the environment has none', async () => {
    const { objects } = await get({ prefix: 'sec', endpoint: `${server.url}/` }, { endpoints: {} });
    expect(objects).toHaveLength(3);
  });
});
