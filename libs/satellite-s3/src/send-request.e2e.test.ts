import { once } from 'node:events';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createSender } from './send-request.ts';

let server: Server;
const seen: IncomingMessage[] = [];

async function serve(listener: RequestListener): Promise<string> {
  seen.length = 0;
  server = createServer((request, response) => {
    seen.push(request);
    listener(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function senderTo(url: string) {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  return createSender({ endpoint: (region) => `${url}/${region}`, region: null, credentials, signal: AbortSignal.timeout(5000) });
}

const request = { method: 'GET', bucket: 'b', key: 'k', action: 'Reading' } as const;

afterEach(() => new Promise((resolve) => server.close(resolve)));

describe('a request', () => {
  it('goes to the region that S3 names, also the next time', async () => {
    const url = await serve(({ url = '' }, response) => {
      if (url.startsWith('/eu-west-3/')) response.end('here');
      else response.writeHead(301, { 'x-amz-bucket-region': 'eu-west-3', location: 'http://127.0.0.1:9/trap' }).end();
    });
    const sender = senderTo(url);
    expect((await sender.send(request)).text).toBe('here');
    await sender.send(request);
    expect(seen.map(({ url }) => url)).toEqual(['/us-east-1/b/k', '/eu-west-3/b/k', '/eu-west-3/b/k']);
    expect(seen[1]?.headers.authorization).toContain('/eu-west-3/s3/aws4_request');
  });

  it('follows no redirect', async () => {
    const url = await serve((_, response) => response.writeHead(307, { location: 'http://127.0.0.1:9/trap' }).end());
    await expect(senderTo(url).send(request)).rejects.toMatchObject({ code: 's3-refused', message: expect.stringContaining('307') });
  });

  it.each([
    [503, 'SlowDown', { code: 's3-unavailable', retryable: true, retryAfterMs: 7000 }],
    [500, 'InternalError', { code: 's3-unavailable', retryable: true }],
    [400, 'RequestTimeout', { code: 's3-unavailable', retryable: true }],
    [400, 'InvalidRequest', { code: 's3-refused', retryable: false }],
    [403, 'RequestTimeTooSkewed', { code: 'access-denied', retryable: false }],
  ])('answered with %i %s fails so that the platform knows what to do', async (status, code, failure) => {
    const url = await serve((_, response) =>
      response.writeHead(status, { 'retry-after': '7' }).end(`<Error><Code>${code}</Code><Message>m</Message></Error>`),
    );
    await expect(senderTo(url).send(request)).rejects.toMatchObject(failure);
  });

  it('ends with its signal', async () => {
    const url = await serve(() => undefined);
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const sender = createSender({ endpoint: () => url, region: null, credentials, signal: AbortSignal.timeout(50) });
    await expect(sender.send(request)).rejects.toThrow(/abort|timeout/i);
    server.closeAllConnections();
  });
});
