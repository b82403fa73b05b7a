import { testSatellite } from '@exosphere/satellite/testing';
import type { S3Server } from '@exosphere/testkit';
import { startS3Server } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import deleteFile from './index.ts';

const secrets = { AWS_ACCESS_KEY: 'key', AWS_SECRET_KEY: 'secret' };
let server: S3Server;

beforeAll(async () => {
  server = await startS3Server({ accessKeys: [{ id: 'key', secret: 'secret' }], buckets: ['reports'] });
});
afterAll(() => server.stop());

function remove(path: string, more: object = {}) {
  const config = { bucket: 'reports', 'file-path': path };
  return testSatellite(deleteFile, { config, secrets, endpoints: { s3: server.url }, ...more });
}

describe('delete-file-from-s3', () => {
  it('deletes that object and no other', async () => {
    await server.put('reports', 'sec/a.pdf', 'a');
    await server.put('reports', 'sec/a.pdf.bak', 'b');
    expect(await remove('sec/a.pdf')).toMatchObject({
      error: null,
      objects: [{ bucket: 'reports', 'file-path': 'sec/a.pdf', 'file-uri': 's3://reports/sec/a.pdf' }],
    });
    expect(await server.keys('reports')).toEqual(['sec/a.pdf.bak']);
  });

  it('succeeds again where the object is gone', async () => {
    expect(await remove('sec/never-there.pdf')).toMatchObject({ error: null, objects: [{ 'file-path': 'sec/never-there.pdf' }] });
  });

  it('names a bucket that does not exist', async () => {
    const { error } = await remove('a', { config: { bucket: 'no-such-bucket', 'file-path': 'a' } });
    expect(error).toMatchObject({ code: 'bucket-missing', retryable: false, message: expect.stringContaining("'no-such-bucket'") });
  });

  it('says that it was denied, and names the object', async () => {
    const { error } = await remove('sec/a.pdf', { secrets: { AWS_ACCESS_KEY: 'stranger', AWS_SECRET_KEY: 'secret' } });
    expect(error).toMatchObject({ code: 'access-denied', retryable: false, message: expect.stringContaining('s3://reports/sec/a.pdf') });
  });

  it('never leaves its bucket', async () => {
    await server.createBucket('other');
    await server.put('other', 'b', 'b');
    expect((await remove('../other/b')).error).toMatchObject({ code: 'key-unsupported', retryable: false });
    expect(await server.keys('other')).toEqual(['b']);
  });
});
