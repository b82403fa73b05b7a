import { testSatellite } from '@exosphere/satellite/testing';
import type { S3Server } from '@exosphere/testkit';
import { startS3Server } from '@exosphere/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import moveFile from './index.ts';

const twoKeys = {
  ORIGIN_AWS_ACCESS_KEY: 'from-key',
  ORIGIN_AWS_SECRET_KEY: 'from-secret',
  DESTINATION_AWS_ACCESS_KEY: 'to-key',
  DESTINATION_AWS_SECRET_KEY: 'to-secret',
};
const oneKey = {
  ORIGIN_AWS_ACCESS_KEY: 'both',
  ORIGIN_AWS_SECRET_KEY: 'both-secret',
  DESTINATION_AWS_ACCESS_KEY: 'both',
  DESTINATION_AWS_SECRET_KEY: 'both-secret',
};
const config = {
  'origin-bucket': 'inbox',
  'origin-file-path': 'sec/a b.pdf',
  'destination-bucket': 'failed',
  'destination-file-path': 'failed/a b.pdf',
};
let server: S3Server;
let key = 0;

beforeAll(async () => {
  server = await startS3Server({
    accessKeys: [
      { id: 'from-key', secret: 'from-secret', buckets: ['inbox'] },
      { id: 'to-key', secret: 'to-secret', buckets: ['failed'] },
      { id: 'both', secret: 'both-secret' },
    ],
    buckets: ['inbox', 'failed'],
  });
});
afterAll(() => server.stop());
beforeEach(() => {
  key += 1;
});

function move(secrets: Record<string, string>, more: object = {}) {
  return testSatellite(moveFile, { config, secrets, endpoints: { s3: server.url }, idempotencyKey: `run/move/${key}`, ...more });
}

describe.each([
  ['with keys of its own for each end', twoKeys],
  ['with one key for both ends', oneKey],
])('move-file %s', (_, secrets) => {
  it('moves content, type and metadata, and marks the copy', async () => {
    await server.put('inbox', 'sec/a b.pdf', 'content', { contentType: 'application/pdf', metadata: { quarter: 'Q1' } });
    expect(await move(secrets)).toMatchObject({
      error: null,
      objects: [
        {
          bucket: 'failed',
          'file-name': 'a b.pdf',
          'file-path': 'failed/a b.pdf',
          'file-uri': 's3://failed/failed/a b.pdf',
          'origin-file-uri': 's3://inbox/sec/a b.pdf',
        },
      ],
    });
    expect(await server.keys('inbox')).toEqual([]);
    const copy = await server.get('failed', 'failed/a b.pdf');
    expect(new TextDecoder().decode(copy?.content)).toBe('content');
    expect(copy).toMatchObject({
      contentType: 'application/pdf',
      metadata: { quarter: 'Q1', 'exosphere-idempotency-key': `run/move/${key}` },
    });
  });

  it('succeeds again after it was cut off behind the delete', async () => {
    await server.put('inbox', 'sec/a b.pdf', 'content');
    await move(secrets);
    expect((await move(secrets, { attempt: 2 })).error).toBeNull();
  });

  it('goes on after it was cut off between copy and delete', async () => {
    await server.put('inbox', 'sec/a b.pdf', 'content');
    await server.put('failed', 'failed/a b.pdf', 'content', { metadata: { 'exosphere-idempotency-key': `run/move/${key}` } });
    expect((await move(secrets)).error).toBeNull();
    expect(await server.keys('inbox')).toEqual([]);
  });

  it('names an origin that is not there, for good, also where another execution made such a copy', async () => {
    await server.put('failed', 'failed/a b.pdf', 'content', { metadata: { 'exosphere-idempotency-key': 'another' } });
    const { error } = await move(secrets);
    expect(error).toMatchObject({ code: 'origin-missing', retryable: false });
    expect(error?.message).toContain("'sec/a b.pdf' in bucket 'inbox'");
  });
});

describe('move-file', () => {
  it('keeps the origin when the destination cannot be written', async () => {
    await server.put('inbox', 'sec/a b.pdf', 'content');
    const { error } = await move(twoKeys, { config: { ...config, 'destination-bucket': 'inbox' } });
    expect(error).toMatchObject({ code: 'access-denied', message: expect.stringContaining('s3://inbox/failed/a b.pdf') });
    expect((await move(oneKey, { config: { ...config, 'destination-bucket': 'nowhere' } })).error).toMatchObject({
      code: 'bucket-missing',
    });
    expect(await server.keys('inbox')).toEqual(['sec/a b.pdf']);
  });

  it.each([
    ['one key', oneKey],
    ['two keys', { ...oneKey, ORIGIN_AWS_ACCESS_KEY: 'from-key', ORIGIN_AWS_SECRET_KEY: 'from-secret' }],
  ])('leaves a file where it is when it is moved onto itself with %s', async (_, secrets) => {
    await server.put('inbox', 'sec/a b.pdf', 'content');
    const onto = { ...config, 'destination-bucket': 'inbox', 'destination-file-path': 'sec/a b.pdf' };
    expect((await move(secrets, { config: onto })).error).toBeNull();
    expect(new TextDecoder().decode((await server.get('inbox', 'sec/a b.pdf'))?.content)).toBe('content');
  });

  it('moves a file that is larger than one part', async () => {
    const content = Uint8Array.from({ length: 9 * 2 ** 20 }, (_, index) => index % 253);
    await server.put('inbox', 'sec/a b.pdf', content);
    expect((await move(twoKeys)).error).toBeNull();
    expect(Buffer.compare(Buffer.from((await server.get('failed', 'failed/a b.pdf'))!.content), content)).toBe(0);
  });

  it('names the secret that the step did not grant', async () => {
    const { error } = await move({ ...oneKey, DESTINATION_AWS_SECRET_KEY: '' });
    expect(error).toMatchObject({ code: 'secret-missing', message: expect.stringContaining('DESTINATION_AWS_SECRET_KEY') });
  });
});
