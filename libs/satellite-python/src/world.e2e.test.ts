import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pythonPackageFolder } from './index.ts';
import { startSatellite } from './testing/index.ts';
import { helloOf, startFixture, testFolder } from './testing/start-fixture.ts';

describe('files', () => {
  it('are read as a stream, as a path and as text, and written from bytes, a path and a stream', async () => {
    const { satellite, gateway, request } = await startFixture();
    const content = 'hällo '.repeat(500_000);
    const file = gateway.add(content);
    const { objects } = await satellite.ask(request({ do: 'files' }, { input: { file: { file, name: 'a.txt' } } }));
    const size = Buffer.byteLength(content);
    expect(objects).toEqual([
      {
        start: 'häll',
        size,
        gone: true,
        copy: { file, name: 'copy.txt', size, 'content-type': 'text/plain' },
        pieces: {
          file: gateway.add('x'.repeat(1_000_000)),
          name: 'pieces.bin',
          size: 1_000_000,
          'content-type': 'application/octet-stream',
        },
        text: { file: gateway.add(content.toUpperCase()), name: 'text.txt', size, 'content-type': 'text/plain' },
      },
    ]);
  });

  it('are empty where they are empty', async () => {
    const { satellite, gateway, request } = await startFixture();
    expect((await satellite.ask(request({ do: 'read' }, { input: { file: gateway.add('') } }))).objects).toEqual([{ text: '' }]);
  });

  it('fail as the gateway says', async () => {
    const { satellite, request } = await startFixture();
    const missing = `sha256:${'0'.repeat(64)}`;
    expect((await satellite.ask(request({ do: 'read' }, { input: { file: missing } }))).error).toMatchObject({
      code: 'blob-missing',
      retryable: false,
    });
    const refused = await satellite.ask(request({ do: 'read' }, { input: { file: missing }, 'files-token': 'another' }));
    expect(refused.error).toMatchObject({ code: 'token-invalid' });
  });

  it('are never taken for whole when a download breaks off, and can be tried again', async () => {
    const { satellite, gateway, request } = await startFixture();
    const file = gateway.addBroken('x'.repeat(100_000));
    expect((await satellite.ask(request({ do: 'read' }, { input: { file } }))).error).toMatchObject({
      code: 'blob-store-unavailable',
      retryable: true,
    });
    await gateway.stop();
    expect((await satellite.ask(request({ do: 'read' }, { input: { file } }))).error).toMatchObject({ code: 'blob-store-unavailable' });
  });

  it('are not stored when an upload breaks off', async () => {
    const { satellite, gateway, request } = await startFixture();
    expect((await satellite.ask(request({ do: 'upload' }))).error?.message).toBe('ValueError: no more');
    const x = 'sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881';
    expect(gateway.get(x)).toBeUndefined();
  });
});

describe('the network', () => {
  async function startProxy(folder: string): Promise<{ path: string; asked: string[] }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.end('x'.repeat(300_000));
    });
    server.on('connect', (request, socket: Socket) => {
      asked.push(`CONNECT ${request.url ?? ''}`);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    const path = join(folder, 'egress.sock');
    server.listen(path);
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    return { path, asked };
  }

  it('is reached through the socket of the worker, by what HTTP clients look at', async () => {
    const folder = await testFolder();
    const { path, asked } = await startProxy(folder);
    const { satellite, request } = await startFixture({ hello: { egress: path, endpoints: { s3: 'http://127.0.0.1:9000' } } });
    const { objects } = await satellite.ask(request({ do: 'network', url: 'http://example.test/hello?x' }));
    expect(objects?.[0]?.['body']).toHaveLength(300_000);
    expect((await satellite.ask(request({ do: 'network', url: 'https://example.test/' }))).error?.message).toContain('403');
    // What the environment names is on the loopback of its host, not on that of the container.
    expect((await satellite.ask(request({ do: 'network', url: 'http://127.0.0.1:9000/x' }))).objects).toHaveLength(1);
    expect(asked).toEqual(['GET http://example.test/hello?x', 'CONNECT example.test:443', 'GET http://127.0.0.1:9000/x']);
    const proxy = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string;
    expect(objects?.[0]?.['proxies']).toMatchObject({
      HTTP_PROXY: proxy,
      https_proxy: proxy,
      ALL_PROXY: expect.stringMatching(/^(socks5h|http):\/\/127/) as string,
      NO_PROXY: 'localhost,::1',
    });
  });

  it('is not there where the worker has none', async () => {
    const { satellite, request } = await startFixture();
    const { error } = await satellite.ask(request({ do: 'network', url: 'http://127.0.0.1:1/' }));
    expect(error?.message).toContain('refused');
  });
});

describe('the end', () => {
  it('comes soon when stdin ends, also when a request hangs', async () => {
    const { satellite, request } = await startFixture();
    const hanging = request({ do: 'hang' });
    satellite.send(hanging);
    await satellite.line((line) => line['nonce'] === hanging.nonce);
    satellite.end();
    const start = performance.now();
    expect(await satellite.ended).toBe(0);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('CTR-07: comes by itself when a request hangs beyond its time limit, so that a lost worker leaves nothing behind', async () => {
    const [sleeps, grabs] = await Promise.all([startFixture(), startFixture()]);
    const hanging = sleeps.request({ do: 'hang' }, { 'timeout-ms': 300 });
    const grabbing = grabs.request({ do: 'grab' }, { 'timeout-ms': 300 });
    sleeps.satellite.send(hanging);
    grabs.satellite.send(grabbing);
    expect(await Promise.all([sleeps.satellite.ended, grabs.satellite.ended])).toEqual([1, 1]);
    expect(sleeps.satellite.stderr()).toMatch(/'run\/step\/\d+' is still at work 5 s after its time limit of 0\.3 s/);
    expect(grabs.satellite.stderr()).toMatch(/Timeout[^]*in grab/);
  });

  it('does not come while the worker takes what was emitted, however long it takes', async () => {
    const { satellite, request } = await startFixture();
    const sent = request({ do: 'emit' }, { 'timeout-ms': 100 });
    satellite.send(sent);
    await satellite.line((line) => 'emit' in line);
    // Longer than its time limit and the grace after it.
    const { objects } = await satellite.ask(request({ do: 'wait_long', seconds: 6 }));
    expect(objects).toEqual([{ waited: true }]);
    for (let taken = 0; taken < 3; taken += 1) satellite.send({ taken: sent.nonce });
    const { json } = await satellite.line((line) => line['nonce'] === sent.nonce && ('objects' in line || 'error' in line));
    expect(json).toMatchObject({ objects: [{ number: 3 }] });
  });

  it.each([
    ['a module that cannot be imported', 'broken.py', /ZeroDivisionError/],
    ['a module without a satellite', 'empty.py', /has 0 satellites, expected one/],
    ['a file that is not there', 'missing.py', /is no Python file/],
  ])('comes with a reason for %s', async (_, module, reason) => {
    const { satellite } = await startFixture({ module });
    expect(await satellite.ended).toBe(1);
    expect(satellite.stderr()).toMatch(reason);
    expect(satellite.lines).toEqual([]);
  });

  it('comes with a reason when the worker speaks another version', async () => {
    const { satellite } = await startFixture({ hello: { exosphere: 2 } });
    expect(await satellite.ended).toBe(1);
    expect(satellite.stderr()).toContain('speaks version 2 of the protocol, this package version 1');
  });
});

describe('mode: once', () => {
  it('works on the one request that it gets, and ends', async () => {
    const { satellite, request, folder, gateway } = await startFixture({ hello: null });
    const sent = request({ do: 'read' }, { ...helloOf(folder), input: { file: gateway.add('hello') } });
    satellite.send(sent);
    satellite.end();
    expect(await satellite.ended).toBe(0);
    expect(satellite.lines.map(({ json }) => json)).toEqual([{ nonce: sent.nonce, objects: [{ text: 'hello' }] }]);
  });

  it('does not wait after an emit, since nobody says that it is taken', async () => {
    const { satellite, request, folder } = await startFixture({ hello: null });
    satellite.send(request({ do: 'emit' }, helloOf(folder)));
    satellite.end();
    expect(await satellite.ended).toBe(0);
    expect(satellite.lines.map(({ json }) => Object.keys(json)[1])).toEqual(['emit', 'emit', 'emit', 'objects']);
  });

  it('answers with an error, with its code', async () => {
    const { satellite, request, folder } = await startFixture({ hello: null });
    satellite.send(request({ do: 'fail' }, helloOf(folder)));
    satellite.end();
    expect(await satellite.ended).toBe(0);
    expect(satellite.lines[0]?.json).toMatchObject({ error: { code: 'rate-limited' } });
  });
});

it('says how it is started when it is started in another way', async () => {
  const satellite = startSatellite(['python3', '-B', '-m', 'exosphere_satellite'], { PYTHONPATH: join(pythonPackageFolder, '..') });
  expect(await satellite.ended).toBe(1);
  expect(satellite.stderr()).toContain('usage: python -m exosphere_satellite main.py');
});
