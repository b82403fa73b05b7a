import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobStore } from '@exosphere/ports';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FolderBlobs } from './testing/folder-blobs.ts';
import { folderBlobs } from './testing/folder-blobs.ts';
import type { GatewayWorld } from './testing/gateway-world.ts';
import { gatewayWorld, token } from './testing/gateway-world.ts';
import type { RawClient } from './testing/raw-client.ts';
import { rawClient } from './testing/raw-client.ts';

const digestOf = (content: string): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const authorization = `Authorization: Bearer ${token}`;
const get = (digest: string): string => `GET /v1/files/${digest} HTTP/1.1\r\nHost: files\r\n${authorization}\r\n\r\n`;
const post = (...headers: string[]): string => ['POST /v1/files HTTP/1.1', 'Host: files', authorization, ...headers, '', ''].join('\r\n');

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

const answers = async ({ send }: GatewayWorld): Promise<boolean> =>
  (await send('POST', '/v1/files', { body: Buffer.from('x') })).status === 201;

describe('who misuses the blob gateway', () => {
  it.each([
    ['sends nothing', ''],
    ['sends half a head', 'GET /v1/files/x HTTP/1.1\r\nHost: files\r\n'],
  ])('is cut off when it %s', async (_, first) => {
    const world = await open(blobs, { headerMs: 200 });
    const { ended } = await rawClient(world.socketPath, first);
    expect(await ended).toMatch(/^(HTTP\/1\.1 408 [^]*)?$/);
    expect(await answers(world)).toBe(true);
  });

  it('is cut off when it sends its head drop by drop', async () => {
    const world = await open(blobs, { headerMs: 300 });
    const { socket, ended } = await rawClient(world.socketPath, 'GET /v1/files/x HTTP/1.1\r\n');
    const drops = setInterval(() => socket.write('X-Drop: 1\r\n'), 20);
    await ended;
    clearInterval(drops);
    expect(await answers(world)).toBe(true);
  });

  it('is cut off when its upload stalls, or its download is not read', async () => {
    const endless: BlobStore = {
      ...blobs,
      read: async () =>
        (async function* () {
          for (;;) yield Buffer.alloc(65_536);
        })(),
    };
    const world = await open(endless, { idleMs: 300 });
    const upload = await rawClient(world.socketPath, `${post('Content-Length: 10')}half`);
    const download = connect(world.socketPath);
    download.on('error', () => {}).write(get(digestOf('x')));
    await upload.ended;
    await vi.waitFor(async () => expect(await blobs.files()).toEqual([]));
    await once(download, 'readable'); // it never reads
    await vi.waitFor(() => expect(download.readableLength).toBeGreaterThan(0));
    await rejectsWrites(download);
    expect(await answers(world)).toBe(true);
  });

  it.each([
    ['a head without end', `GET /v1/files/x HTTP/1.1\r\nX: ${'x'.repeat(100_000)}`, 431],
    ['a head of many lines', `GET /v1/files/x HTTP/1.1\r\n${'X: 1\r\n'.repeat(20_000)}`, 431],
    ['no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['two lengths', post('Content-Length: 1', 'Content-Length: 2'), 400],
    ['a length and chunks', post('Content-Length: 3', 'Transfer-Encoding: chunked'), 400],
    ['chunks of no length', `${post('Transfer-Encoding: chunked')}xyz\r\n`, 400],
    ['a negative length', post('Content-Length: -1'), 400],
  ])('gets an error for %s, and nothing is stored', async (_, sent, status) => {
    const world = await open(blobs);
    const { ended } = await rawClient(world.socketPath, Buffer.from(sent, 'latin1'));
    expect(await ended).toMatch(new RegExp(`^(HTTP/1\\.1 ${status} [^]*)?$`));
    await vi.waitFor(async () => expect(await blobs.files()).toEqual([]));
    expect(await answers(world)).toBe(true);
  });

  it('does not get a tunnel', async () => {
    const { socketPath } = await open(blobs);
    const { ended } = await rawClient(socketPath, `CONNECT files:80 HTTP/1.1\r\nHost: files\r\n${authorization}\r\n\r\n`);
    expect(await ended).toBe('');
  });

  it('cannot have many requests open on one connection', async () => {
    let reads = 0;
    const waiting: BlobStore = {
      ...blobs,
      read: async (_project, _digest, { signal }) => {
        reads += 1;
        return (async function* () {
          yield* [] as Uint8Array[];
          await once(signal, 'abort');
        })();
      },
    };
    const { socketPath } = await open(waiting);
    const { ended } = await rawClient(socketPath, get(digestOf('x')).repeat(1_000));
    expect(await ended).toBe('');
    expect(reads).toBe(1);
  });

  it('cannot go on with a body that nobody wants', async () => {
    const { socketPath } = await open(blobs);
    for (const head of [
      post('Transfer-Encoding: chunked').replace(token, 'wrong'),
      `GET /v1/files/${digestOf('x')} HTTP/1.1\r\n${authorization}\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ]) {
      const client = await rawClient(socketPath, head);
      flood(client.socket, Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`));
      expect(await client.until('"error"')).toMatch(/^HTTP\/1\.1 40[14] /);
      await client.ended;
    }
  });

  it('sees why it was refused, also when it looks only after it has sent everything', async () => {
    const { socketPath } = await open(blobs);
    for (const connection of ['close', 'keep-alive']) {
      const { socket, until } = await rawClient(socketPath);
      socket.pause();
      socket.write(post(`Connection: ${connection}`, `Content-Length: ${20 * 2 ** 20}`).replace(token, 'wrong'));
      await new Promise<void>((resolve, reject) => {
        socket.write(Buffer.alloc(20 * 2 ** 20), (failed) => (failed ? reject(failed) : resolve()));
      });
      socket.resume();
      expect(await until('files-token')).toMatch(/^HTTP\/1\.1 401 /);
      socket.destroy();
    }
  });

  it('has a limit of connections, which others do not feel', async () => {
    const world = await open(blobs, { connections: 100 });
    const other = await open(blobs, {}, 'other');
    const held: RawClient[] = [];
    for (let count = 0; count < 100; count += 1) held.push(await rawClient(world.socketPath));
    let cut = 0;
    for (let batch = 0; batch < 100; batch += 1) {
      const clients = await Promise.all(Array.from({ length: 100 }, () => rawClient(world.socketPath).catch(() => null)));
      const before = performance.now();
      expect(await answers(other)).toBe(true);
      expect(performance.now() - before).toBeLessThan(1_000);
      for (const client of clients) if (client === null || (await client.ended) === '') cut += 1;
    }
    expect(cut).toBe(10_000);
    for (const client of held) client.socket.destroy();
    await vi.waitFor(async () => expect(await answers(world)).toBe(true));
  }, 60_000);
});

/** Writes for as long as it can. */
function flood(socket: Socket, chunk: Buffer): void {
  const feed = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', feed);
  feed();
}

/** Waits until the other side has closed a connection that is not read, which shows only in what is written. */
async function rejectsWrites(socket: Socket): Promise<void> {
  await vi.waitFor(
    () => {
      socket.write('x');
      expect(socket.destroyed).toBe(true);
    },
    { timeout: 10_000 },
  );
}
