import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../testing/container-process.ts';
import { endContainers, hello, nonce, request, startContainer } from '../testing/container-process.ts';
import type { TestEgress } from '../testing/test-egress.ts';
import { startTestEgress } from '../testing/test-egress.ts';

let egress: TestEgress;
beforeAll(async () => {
  egress = await startTestEgress();
});
afterEach(endContainers);
afterAll(() => egress.close());

async function ask(behaviour: string, input: unknown = null, endpoints: object = {}): Promise<Answer> {
  const container = startContainer({ hello: { ...hello, egress: egress.socketPath, endpoints } });
  container.send(request(1, behaviour, input));
  return Promise.race([container.answer({ nonce: nonce(1), objects: undefined }), container.answer({ nonce: nonce(1), error: undefined })]);
}

describe('the network of a container', () => {
  it('is behind the worker for fetch', async () => {
    expect(await ask('fetch', 'http://api.example/x?y=1')).toMatchObject({ objects: [{ status: 200, text: 'POST api.example/x?y=1' }] });
    expect(egress.asked).toContain('CONNECT api.example:80');
  });

  it('is behind the worker for node:http', async () => {
    expect(await ask('http-get', 'http://api.example/x')).toMatchObject({ objects: [{ text: 'through the proxy: http://api.example/x' }] });
  });

  it('is told to programs that the satellite starts', async () => {
    const { objects } = await ask('environment');
    expect(objects[0]).toMatchObject({
      HTTP_PROXY: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      https_proxy: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      ALL_PROXY: expect.stringMatching(/^socks5h:\/\/127\.0\.0\.1:\d+$/),
      no_proxy: 'localhost,127.0.0.1,::1',
      NODE_USE_ENV_PROXY: '1',
    });
  });

  it("leads to the loopback of the worker's host where the environment names something there", async () => {
    const endpoints = { s3: 'http://127.0.0.1:9000' };
    expect(await ask('fetch', 'http://127.0.0.1:9000/bucket', endpoints)).toMatchObject({
      objects: [{ text: 'POST 127.0.0.1:9000/bucket' }],
    });
    expect((await ask('environment', null, endpoints))['objects'][0].NO_PROXY).toBe('localhost,::1');
  });

  it('has the rewrites of the environment, also where the scheme is another', async () => {
    const endpoints = { 'https://api.example.com/v1/': 'http://stand-in.example:8081/base' };
    expect(await ask('fetch', 'https://api.example.com/v1/reports', endpoints)).toMatchObject({
      objects: [{ text: 'POST stand-in.example:8081/base/reports' }],
    });
  });

  it('says why a host is refused, for good', async () => {
    expect((await ask('fetch', 'https://refused.example/'))['error']).toEqual({
      message: 'Only api.example is allowed: see network.allow.',
      code: 'network-refused',
      retryable: false,
      'retry-after': null,
    });
  });

  it('says why a host was not reached, which may be tried again', async () => {
    expect((await ask('fetch', 'https://broken.example/'))['error']).toMatchObject({
      message: 'The request to broken.example failed: broken.example cannot be reached: no address.',
      code: 'network-failed',
      retryable: true,
    });
  });

  it('is refused at once where there is none', async () => {
    const container = startContainer();
    container.send(request(1, 'fetch', 'https://api.example/'));
    expect(await container.answer({ nonce: nonce(1), error: undefined })).toMatchObject({
      error: { code: 'network-refused', retryable: false, message: expect.stringContaining('network.allow') },
    });
  });

  it('hands on that a request was stopped', async () => {
    const container = startContainer({ hello: { ...hello, egress: '/nowhere.sock' } });
    container.send(request(1, 'fetch', 'https://api.example/'));
    expect(await container.answer({ nonce: nonce(1), error: undefined })).toMatchObject({
      error: { code: 'network-failed', retryable: true },
    });
  });
});
