import type { S3Server } from '@exosphere/testkit';
import { startS3Server } from '@exosphere/testkit';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IsolateBench } from './in-isolate.ts';
import { openIsolateBench } from './in-isolate.ts';

const keys = { AWS_ACCESS_KEY: 'key', AWS_SECRET_KEY: 'secret' };
/** More than the isolates of these satellites may hold. */
const content = Buffer.alloc(160 * 2 ** 20, 'a file that is larger than memory; ');
let server: S3Server;
let bench: IsolateBench;

beforeAll(async () => {
  server = await startS3Server({ accessKeys: [{ id: 'key', secret: 'secret' }], buckets: ['from', 'to'] });
  await server.put('from', 'large.bin', content);
  bench = await openIsolateBench({ s3: server.url });
});
afterAll(async () => {
  await bench.stop();
  await server.stop();
});

it('get-files-from-s3 streams a file that is larger than its memory into the blob store', async () => {
  const { objects, error } = await bench.call('get-files-from-s3', { config: { bucket: 'from' }, secrets: keys });
  expect(error).toBeNull();
  expect(objects).toMatchObject([{ size: content.length, file: { file: `sha256:${createHash('sha256').update(content).digest('hex')}` } }]);
});

it('move-file streams a file that is larger than its memory to another storage', async () => {
  const { error } = await bench.call('move-file', {
    config: {
      'origin-bucket': 'from',
      'origin-file-path': 'large.bin',
      'destination-bucket': 'to',
      'destination-file-path': 'moved.bin',
      'destination-endpoint': 'https://another.example',
    },
    secrets: Object.fromEntries(
      ['ORIGIN_', 'DESTINATION_'].flatMap((end) => Object.entries(keys).map(([name, value]) => [end + name, value])),
    ),
  });
  expect(error).toBeNull();
  expect(await server.keys('from')).toEqual([]);
  expect(Buffer.compare(Buffer.from((await server.get('to', 'moved.bin'))?.content ?? []), content)).toBe(0);
});
