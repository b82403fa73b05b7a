import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, get as httpGet } from 'node:http';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { ExosphereError } from '@exosphere/model';
import type { BlobStore } from '@exosphere/ports';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openBlobGateway } from './blob-gateway.ts';
import type { FolderBlobs } from './testing/folder-blobs.ts';
import { folderBlobs } from './testing/folder-blobs.ts';
import type { GatewayWorld } from './testing/gateway-world.ts';
import { errorOf, gatewayWorld, token } from './testing/gateway-world.ts';
import { rawClient } from './testing/raw-client.ts';

const run = promisify(execFile);
const digestOf = (content: string | Uint8Array): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const authorization = `Authorization: Bearer ${token}`;
const post = (...headers: string[]): string => ['POST /v1/files HTTP/1.1', 'Host: files', authorization, ...headers, '', ''].join('\r\n');
const get = (digest: string): string => `GET /v1/files/${digest} HTTP/1.1\r\nHost: files\r\n${authorization}\r\n\r\n`;

let folder: string;
let blobs: FolderBlobs;
const worlds: GatewayWorld[] = [];

async function open(...options: Parameters<typeof gatewayWorld>): Promise<GatewayWorld> {
  const world = await gatewayWorld(...options);
  worlds.push(world);
  return world;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exo-gateway-blobs-'));
  blobs = await folderBlobs(folder);
});
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()));
  await rm(folder, { recursive: true });
});

/** A store whose reads are these chunks, and then a failure if there is one. */
function storeWith(read: (signal: AbortSignal) => AsyncIterable<Uint8Array>): BlobStore {
  return { ...blobs, read: async (_project, _digest, { signal }) => read(signal) };
}

describe('the blob gateway', () => {
  it('takes files and gives them back', async () => {
    const { send } = await open(blobs);
    const content = Buffer.from('hello wörld');
    const stored = await send('POST', '/v1/files', { body: content });
    expect(stored).toMatchObject({ status: 201, headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(stored.body.toString())).toEqual({ file: digestOf(content), size: 12 });
    const read = await send('GET', `/v1/files/${digestOf(content)}`);
    expect(read).toMatchObject({ status: 200, headers: { 'content-type': 'application/octet-stream', 'transfer-encoding': 'chunked' } });
    expect(read.body).toEqual(content);
  });

  it('takes empty files and large ones, with and without a length', async () => {
    const { send } = await open(blobs);
    const large = Buffer.alloc(5 * 2 ** 20, 'large');
    for (const content of [Buffer.alloc(0), large]) {
      const chunks = [content.subarray(0, 100_000), content.subarray(100_000)];
      for (const body of [content, chunks]) {
        expect(JSON.parse((await send('POST', '/v1/files', { body })).body.toString())).toEqual({
          file: digestOf(content),
          size: content.length,
        });
      }
      expect((await send('GET', `/v1/files/${digestOf(content)}`)).body.equals(content)).toBe(true);
    }
  });

  it('is understood by curl, and answers many requests on one connection', async () => {
    const { socketPath } = await open(blobs);
    const { stdout } = await run('curl', [
      '-sS',
      '--unix-socket',
      socketPath,
      '-H',
      authorization,
      '--data-binary',
      'x',
      'http://files/v1/files',
    ]);
    expect(JSON.parse(stdout)).toEqual({ file: digestOf('x'), size: 1 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<unknown>();
    for (const name of [...Array.from({ length: 20 }, () => digestOf('x')), encodeURIComponent(digestOf('x'))]) {
      const asked = httpGet({ socketPath, agent, path: `/v1/files/${name}`, headers: { authorization: `bearer ${token}` } });
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      sockets.add(asked.socket);
      expect(await text(response)).toBe('x');
    }
    expect(sockets.size).toBe(1);
    agent.destroy();
  });

  it('answers a client that has ended its side', async () => {
    const { socketPath } = await open(blobs);
    const upload = await rawClient(socketPath, `${post('Content-Length: 3')}abc`);
    upload.socket.end();
    expect(await upload.until(digestOf('abc'))).toContain('HTTP/1.1 201 Created');
    const download = await rawClient(socketPath, get(digestOf('abc')));
    download.socket.end();
    expect(await download.ended).toMatch(/\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/);
  });

  it.each([
    ['no token', null],
    ['an empty one', ''],
    ['a wrong one', 'b'.repeat(32)],
    ['a part of one', 'a'.repeat(31)],
    ['more than one', 'a'.repeat(33)],
  ])('opens to nobody with %s', async (_, given) => {
    const { send, gateway } = await open(blobs);
    gateway.grant('c'.repeat(32));
    for (const [method, path] of [
      ['POST', '/v1/files'],
      ['GET', `/v1/files/${digestOf('x')}`],
      ['GET', '/nowhere'],
    ] as const) {
      const answer = await send(method, path, { token: given, ...(method === 'POST' ? { body: Buffer.from('x') } : {}) });
      expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
      expect(errorOf(answer)).toMatchObject({ code: 'request-invalid', retryable: false, message: expect.stringContaining('files-token') });
    }
    expect(await blobs.files()).toEqual([]);
  });

  it('opens to several tokens, each for as long as it is granted', async () => {
    const { send, gateway } = await open(blobs);
    gateway.grant('second');
    gateway.grant('second');
    const status = async (given: string): Promise<number> =>
      (await send('POST', '/v1/files', { token: given, body: Buffer.from('x') })).status;
    expect([await status(token), await status('second'), await status('third')]).toEqual([201, 201, 401]);
    gateway.revoke('second');
    gateway.revoke('never granted');
    expect([await status(token), await status('second')]).toEqual([201, 401]);
    gateway.grant('second');
    expect(await status('second')).toBe(201);
  });

  it.each([
    ['GET', '/v1/files/sha256:abc', 400],
    ['GET', `/v1/files/SHA256:${'0'.repeat(64)}`, 400],
    ['GET', `/v1/files/sha256:${'0'.repeat(65)}`, 400],
    ['GET', `/v1/files/sha256:${'A'.repeat(64)}`, 400],
    ['GET', '/v1/files/..%2f..%2fetc%2fpasswd', 400],
    ['GET', '/v1/files/../../etc/passwd', 404],
    ['GET', '/v1/files/', 404],
    ['GET', '/', 404],
    ['GET', `/v1/files/sha256:${'0'.repeat(64)}?x`, 404],
    ['GET', '/v1/files', 405],
    ['PUT', '/v1/files', 405],
    ['POST', `/v1/files/sha256:${'0'.repeat(64)}`, 405],
    ['DELETE', `/v1/files/sha256:${'0'.repeat(64)}`, 405],
  ])('answers %s %s with %d and a sentence', async (method, path, status) => {
    const { send } = await open(blobs);
    const answer = await send(method, path);
    expect(answer.status).toBe(status);
    expect(errorOf(answer)).toMatchObject({ code: 'request-invalid', retryable: false, message: expect.stringMatching(/expected/i) });
    expect(answer.headers.allow === undefined).toBe(status !== 405);
  });

  it('knows no file of another project', async () => {
    const { send } = await open(blobs);
    const other = await open(blobs, {}, 'other');
    await other.send('POST', '/v1/files', { body: Buffer.from('theirs') });
    const answer = await send('GET', `/v1/files/${digestOf('theirs')}`);
    expect(answer.status).toBe(404);
    expect(errorOf(answer)).toMatchObject({ code: 'blob-missing', retryable: false });
    expect((await other.send('GET', `/v1/files/${digestOf('theirs')}`)).status).toBe(200);
  });

  it('listens for every user, and in the place of a socket that was left', async () => {
    const { socketPath } = await open(blobs);
    expect((await stat(socketPath)).mode & 0o777).toBe(0o666);
    const left = join(folder, 'left.sock');
    await writeFile(left, '');
    const gateway = await openBlobGateway({ socketPath: left, project: 'p', blobs });
    expect((await stat(left)).isSocket()).toBe(true);
    await gateway.close();
  });

  it.each([
    ['a folder that is missing', 'missing/files.sock'],
    ['a path that is too long', `${'x'.repeat(200)}.sock`],
  ])('says so where its socket cannot be made: %s', async (_, path) => {
    await expect(openBlobGateway({ socketPath: join(folder, path), project: 'p', blobs })).rejects.toMatchObject({
      code: 'runtime-unavailable',
      retryable: true,
      message: expect.stringContaining('cannot be opened'),
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('the blob gateway with a store that fails', () => {
  const unavailable = new ExosphereError('blob-store-unavailable', 'The blob store could not read a file: no space.', { retryable: true });

  it.each([
    [unavailable, 503, { code: 'blob-store-unavailable', retryable: true, message: unavailable.message }],
    [new ExosphereError('blob-corrupt', 'Changed.'), 500, { code: 'blob-corrupt', retryable: false, message: 'Changed.' }],
    [new TypeError('path /secret'), 500, { code: 'blob-store-unavailable', retryable: true, message: 'The worker could not do that.' }],
  ])('answers a download with its reason, as long as nothing was sent: %s', async (failure, status, error) => {
    for (const store of [
      { ...blobs, read: () => Promise.reject(failure) },
      storeWith(async function* () {
        yield* [];
        throw failure;
      }),
    ]) {
      const { send } = await open(store);
      const answer = await send('GET', `/v1/files/${digestOf('x')}`);
      expect(answer.status).toBe(status);
      expect(errorOf(answer)).toEqual(error);
    }
  });

  it('ends the connection without the end of the body when it fails in the middle of a download', async () => {
    let fail = (): void => {};
    const failing = new Promise<void>((resolve) => (fail = resolve));
    const { socketPath } = await open(
      storeWith(async function* () {
        yield Buffer.from('half a file');
        await failing;
        throw unavailable;
      }),
    );
    const { until, ended } = await rawClient(socketPath, get(digestOf('x')));
    await until('half a file');
    fail();
    expect(await ended).toMatch(/^HTTP\/1\.1 200 OK[^]*\r\n\r\nb\r\nhalf a file\r\n$/);
  });

  it('answers an upload with its reason, also while more is coming, and keeps the connection in bounds', async () => {
    const full: BlobStore = {
      ...blobs,
      async write(_project, content) {
        for await (const chunk of content) if (chunk.byteLength > 0) break;
        throw unavailable;
      },
    };
    const { socketPath, send } = await open(full);
    expect(errorOf(await send('POST', '/v1/files', { body: Buffer.from('x') }))).toMatchObject({
      code: 'blob-store-unavailable',
      retryable: true,
    });
    const endless = await rawClient(socketPath, post('Content-Length: 10000000000'));
    const chunk = Buffer.alloc(65_536);
    const feed = (): void => {
      while (!endless.socket.destroyed && endless.socket.write(chunk));
    };
    endless.socket.on('drain', feed);
    feed();
    expect(await endless.until('no space')).toContain('HTTP/1.1 503');
    await endless.ended;
  });
});

describe('an upload that breaks off', () => {
  it.each([
    ['has a length', post('Content-Length: 10'), 'half'],
    ['comes in chunks', post('Transfer-Encoding: chunked'), '4\r\nhalf\r\n'],
    ['ends within a chunk', post('Transfer-Encoding: chunked'), '40\r\nhalf'],
  ])('leaves nothing behind when it %s', async (_, head, part) => {
    const { socketPath, gateway } = await open(blobs);
    for (const breakOff of ['destroy', 'end', 'revoke'] as const) {
      const { socket, ended } = await rawClient(socketPath, head);
      socket.write(part);
      await vi.waitFor(async () => expect(await blobs.files()).toHaveLength(1)); // it is being written
      if (breakOff === 'revoke') gateway.revoke(token);
      else socket[breakOff]();
      expect(await ended).not.toContain('201');
      socket.destroy();
      await vi.waitFor(async () => expect(await blobs.files()).toEqual([]));
      gateway.grant(token);
    }
  });

  it('leaves nothing behind when it is longer than a file may be', async () => {
    const { send } = await open(blobs, { fileBytes: 1_000 });
    const tooLarge = [Buffer.alloc(600), Buffer.alloc(600)];
    for (const body of [Buffer.concat(tooLarge), tooLarge]) {
      const answer = await send('POST', '/v1/files', { body });
      expect(answer.status).toBe(413);
      expect(errorOf(answer)).toMatchObject({ code: 'request-invalid', retryable: false });
    }
    expect(await blobs.files()).toEqual([]);
    expect((await send('POST', '/v1/files', { body: Buffer.alloc(1_000) })).status).toBe(201);
  });
});

describe('a token that is revoked', () => {
  it('cuts its downloads, tells the store, and leaves those of others alone', async () => {
    const stopped: string[] = [];
    const endless = storeWith(async function* (signal) {
      signal.addEventListener('abort', () => stopped.push('aborted'));
      try {
        for (;;) {
          yield Buffer.alloc(1_000, 'x');
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        stopped.push('returned');
      }
    });
    const { socketPath, gateway } = await open(endless);
    gateway.grant('other');
    const mine = await rawClient(socketPath, get(digestOf('x')));
    const other = await rawClient(socketPath, get(digestOf('x')).replace(token, 'other'));
    await Promise.all([mine.until('xxx'), other.until('xxx')]);
    gateway.revoke(token);
    expect(await mine.ended).not.toContain('\r\n0\r\n');
    await vi.waitFor(() => expect(stopped).toEqual(['aborted', 'returned']));
    const before = other.received().length;
    await vi.waitFor(() => expect(other.received().length).toBeGreaterThan(before));
    other.socket.destroy();
    await vi.waitFor(() => expect(stopped).toHaveLength(4));
  });
});

describe('the blob gateway closes', () => {
  it('and cuts all that is open, waits for the store, and leaves no socket', async () => {
    const ended: string[] = [];
    const slow: BlobStore = {
      ...blobs,
      async write(_project, content, { signal }) {
        try {
          for await (const chunk of content) {
            signal.throwIfAborted();
            ended.push(`took ${chunk.byteLength}`);
          }
        } catch (cause) {
          await new Promise((resolve) => setTimeout(resolve, 50)); // it takes its time to clean up
          ended.push('cleaned up');
          throw cause;
        }
        throw new Error('unreachable');
      },
    };
    const world = await gatewayWorld(slow);
    const upload = await rawClient(world.socketPath, `${post('Content-Length: 10')}half`);
    const idle = await rawClient(world.socketPath);
    await vi.waitFor(() => expect(ended).toEqual(['took 4']));
    await world.gateway.close();
    expect(ended).toEqual(['took 4', 'cleaned up']);
    expect(await readdir(dirname(world.socketPath))).toEqual([]);
    expect([await upload.ended, await idle.ended]).toEqual(['', '']);
    await world.close(); // again
    await expect(rawClient(world.socketPath)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
