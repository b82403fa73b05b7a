import { afterEach, describe, expect, it } from 'vitest';
import type { S3Server } from './s3-server.ts';
import { startS3Server } from './s3-server.ts';

let server: S3Server | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

describe('the S3 server of the tests', () => {
  it('keeps what is put into it', async () => {
    server = await startS3Server({ accessKeys: [], buckets: ['bucket'] });
    await server.put('bucket', 'b/c', 'two', { contentType: 'text/plain', metadata: { a: '1' } });
    await server.put('bucket', 'a', 'one');
    expect(await server.keys('bucket')).toEqual(['a', 'b/c']);
    expect(await server.get('bucket', 'b/c')).toMatchObject({ contentType: 'text/plain', metadata: { a: '1' } });
    expect(await server.get('bucket', 'none')).toBeNull();
  });

  it('refuses requests without a signature', async () => {
    server = await startS3Server({ accessKeys: [], buckets: ['bucket'] });
    await server.put('bucket', 'a', 'one');
    const response = await fetch(`${server.url}/bucket/a`);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('AccessDenied');
  });

  it('says that its port is taken, and leaves nothing running', async () => {
    server = await startS3Server({ accessKeys: [] });
    const port = Number(new URL(server.url).port);
    await expect(startS3Server({ accessKeys: [], port })).rejects.toThrow('EADDRINUSE');
  });

  it('answers no more after its end', async () => {
    const stopped = await startS3Server({ accessKeys: [] });
    await stopped.stop();
    await expect(fetch(stopped.url)).rejects.toThrow();
  });
});
