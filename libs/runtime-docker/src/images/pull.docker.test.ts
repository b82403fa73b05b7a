import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { OpenSatellite } from '@exosphere/ports';
import { buildImage, findImage, removeImage, requireImages, startTestRegistry } from '@exosphere/testkit';
import type { TestRegistry } from '@exosphere/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { imagePin } from '../index.ts';
import type { DockerWorld } from '../testing/docker-world.ts';
import { callOpen, createDockerWorld, engineSocket, leftOvers, manifestOf, objectsOf, storedAs } from '../testing/docker-world.ts';
import { createEngineProxy } from '../testing/engine-proxy.ts';
import type { RegistryProxy, RegistryRequest } from '../testing/registry-proxy.ts';
import { startRegistryProxy } from '../testing/registry-proxy.ts';
import { tarOf } from '../testing/tar.ts';

const says = ['cat', '/says'];
const kibibytes = 1024;

describe('images of a registry', () => {
  let registry: TestRegistry;
  let proxy: RegistryProxy;
  let world: DockerWorld;
  let images: string[] = [];
  let made = 0;
  beforeAll(async () => {
    await requireImages(['busybox:stable']);
    registry = await startTestRegistry();
  });
  beforeEach(async () => {
    proxy = await startRegistryProxy(registry.address);
    world = await createDockerWorld();
  });
  afterEach(async () => {
    await world.close();
    await proxy.close();
    for (const image of images) await removeImage(image);
    images = [];
  });
  afterAll(async () => {
    await registry.stop();
    expect(await leftOvers()).toEqual([]);
  });

  /** Pushes an image of its own, of which the engine has nothing but the base afterwards. Gives its digest. */
  async function pushed(repository: string, text: string, size = 10 * kibibytes): Promise<string> {
    made += 1;
    const local = `exo-pull-${process.pid}:${made}`;
    const files = { Dockerfile: 'FROM busybox:stable\nCOPY says ballast /\n', says: text, ballast: randomBytes(size).toString('base64') };
    await buildImage(local, Readable.from([tarOf(files)]));
    const reference = await registry.push(local, repository);
    await removeImage(local);
    return reference.slice(reference.indexOf('@') + 1);
  }

  function open(image: string, pinned: string | null = null): Promise<OpenSatellite> {
    images.push(pinned ?? image);
    return world.openStored(storedAs(manifestOf({ runtime: { docker: { image, command: says, mode: 'once' } } })), 'lease', pinned);
  }

  async function said(image: string, pinned: string | null = null): Promise<unknown> {
    const satellite = await open(image, pinned);
    const { replies } = await callOpen(satellite);
    await satellite.close();
    return objectsOf(replies[0]);
  }

  const manifestsAsked = (): readonly RegistryRequest[] =>
    proxy.requests.filter(({ method, path }) => method === 'GET' && path.includes('/manifests/'));
  const isBlob = ({ path, method }: RegistryRequest): boolean => method === 'GET' && path.includes('/blobs/');
  const isManifest = ({ path }: RegistryRequest): boolean => path.includes('/manifests/');
  const unavailable = (retryable: boolean, why: RegExp): object => ({
    code: 'image-unavailable',
    retryable,
    message: expect.stringMatching(why),
  });

  it('CTR-12: are pulled by digest, once, and it is said', async () => {
    const reference = `${proxy.address}/a@${await pushed('a', '{"image":"a"}')}`;
    expect(await said(reference)).toEqual([{ image: 'a' }]);
    expect(world.notes).toEqual([`pulling the image ${reference}`, `pulled the image ${reference}`]);
    const asked = proxy.requests.length;
    expect(await said(reference)).toEqual([{ image: 'a' }]);
    expect(proxy.requests).toHaveLength(asked);
  });

  it.each([
    ['a tag that is missing', 'none:1'],
    ['a digest that is missing', `none@sha256:${'0'.repeat(64)}`],
  ])('CTR-12: that are not there fail for good: %s', async (_, name) => {
    await expect(open(`${proxy.address}/${name}`)).rejects.toMatchObject(
      unavailable(false, /cannot be had: .*(manifest unknown|not found).* Check the name, and 'docker login' for its registry\.$/),
    );
  });

  it.each([
    ['a manifest', isManifest, (body: Buffer) => Buffer.from(body.toString().replace(' ', '\t'))],
    ['a layer', isBlob, (body: Buffer) => body.map((byte, index) => (index === body.length - 20 ? byte ^ 255 : byte)) as Buffer],
  ])('CTR-12: are refused for good where %s is another one than its digest says', async (_, which, change) => {
    const reference = `${proxy.address}/b@${await pushed('b', '{"image":"b"}')}`;
    proxy.fault = (request) => (which(request) ? { change } : null);
    await expect(open(reference)).rejects.toMatchObject(unavailable(false, /verification failed|digest|invalid/i));
    expect(await findImage(reference)).toBeNull();
    proxy.fault = () => null;
    expect(await said(reference)).toEqual([{ image: 'b' }]);
  });

  it.each([
    ['answers with 500', { status: 500 }, /500/],
    ['answers with 503', { status: 503 }, /503/],
    ['breaks off', { cutAfter: 20 }, /EOF|unexpected|connection/],
  ])('CTR-12: of a registry that %s can be tried again', async (_, fault, why) => {
    const reference = `${proxy.address}/c@${await pushed('c', '{"image":"c"}')}`;
    proxy.fault = (request) => (isManifest(request) ? fault : null);
    await expect(open(reference)).rejects.toMatchObject(unavailable(true, why));
    proxy.fault = () => null;
    expect(await said(reference)).toEqual([{ image: 'c' }]);
  });

  it('CTR-12: of a registry that is gone can be tried again', async () => {
    const gone = await startRegistryProxy(registry.address);
    await gone.close();
    await expect(open(`${gone.address}/c:latest`)).rejects.toMatchObject(unavailable(true, /connection refused/));
  });

  it('CTR-12: whose layer breaks off are fetched to their end by the engine', async () => {
    const reference = `${proxy.address}/d@${await pushed('d', '{"image":"d"}', 500 * kibibytes)}`;
    let cuts = 0;
    proxy.fault = (request) => (isBlob(request) && !request.path.includes('config') && ++cuts === 2 ? { cutAfter: 1_000 } : null);
    expect(await said(reference)).toEqual([{ image: 'd' }]);
    expect(cuts).toBeGreaterThan(2);
  });

  it('CTR-12: are pulled once for twenty who want them at once; progress is told to all, and others are not held up', async () => {
    const reference = `${proxy.address}/e@${await pushed('e', '{"image":"e"}', 3_000 * kibibytes)}`;
    proxy.fault = (request) => (isBlob(request) ? { bytesPerSecond: 400 * kibibytes } : null);
    const opening = Array.from({ length: 20 }, () => open(reference));
    const start = performance.now();
    const { replies } = await world.call('echo \'{"other":true}\'');
    expect(objectsOf(replies[0])).toEqual([{ other: true }]);
    const otherMs = performance.now() - start;
    const opened = await Promise.all(opening);
    expect(performance.now() - start).toBeGreaterThan(otherMs + 1_000);
    expect(manifestsAsked()).toHaveLength(1);
    const counted = (pattern: RegExp): number => world.notes.filter((note) => pattern.test(note)).length;
    expect([counted(/^pulling the image \S+$/), counted(/^pulled the image/)]).toEqual([20, 20]);
    expect(counted(/^pulling the image \S+: \d+ of \d+ MiB$/)).toBeGreaterThanOrEqual(20);
    for (const satellite of opened) await satellite.close();
  });

  it('CTR-12: are given up where the engine breaks off, and pulled at the next try', async () => {
    const engine = await createEngineProxy();
    await engine.start();
    const own = await createDockerWorld({ engine: engine.address });
    const reference = `${proxy.address}/f@${await pushed('f', '{"image":"f"}', 1_000 * kibibytes)}`;
    images.push(reference);
    proxy.fault = (request) => (isBlob(request) ? { bytesPerSecond: 200 * kibibytes } : null);
    const stored = storedAs(manifestOf({ runtime: { docker: { image: reference, command: says, mode: 'once' } } }));
    const opening = own.openStored(stored);
    const failed = expect(opening).rejects.toMatchObject({ code: 'image-unavailable', retryable: true });
    await expect.poll(() => proxy.requests.filter(isBlob).length, { timeout: 20_000 }).toBeGreaterThan(0);
    engine.cut();
    await failed;
    proxy.fault = () => null;
    const satellite = await own.openStored(stored);
    expect(objectsOf((await callOpen(satellite)).replies[0])).toEqual([{ image: 'f' }]);
    await satellite.close();
    await own.close();
    await engine.close();
  });

  describe('with a login', () => {
    let folder = '';
    // of lengths and letters that need all of base64: padding, and what is + and / in it
    const passwords = ['pass', 'correct: horse', 'ÿÿÿ>>>???', 'ÿ?'];
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'exo-docker-'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    const basic = (password: string): string => `Basic ${Buffer.from(`anna:${password}`).toString('base64')}`;
    const login = async (password: string): Promise<void> => {
      const auth = Buffer.from(`anna:${password}`).toString('base64');
      await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [proxy.address]: { auth } } }));
    };
    /** The registry lets in whoever has this password. */
    const ask = (password: string): void => {
      proxy.fault = ({ authorization }) =>
        authorization === basic(password) ? null : { status: 401, headers: { 'www-authenticate': 'Basic realm="test"' } };
    };

    it('CTR-12: are refused for good to who has none, and to who has a wrong one', async () => {
      const reference = `${proxy.address}/g@${await pushed('g', '{"image":"g"}')}`;
      ask('right');
      await expect(open(reference)).rejects.toMatchObject(unavailable(false, /(no basic auth credentials|unauthorized).*'docker login'/s));
      await login('wrong');
      const own = await createDockerWorld({ dockerFolder: folder });
      const stored = storedAs(manifestOf({ runtime: { docker: { image: reference, command: says, mode: 'once' } } }));
      await expect(own.openStored(stored)).rejects.toMatchObject(unavailable(false, /unauthorized/));
      await own.close();
    });

    it.each(passwords)('CTR-12: are pulled, looked up and built from with the password %j', async (password) => {
      const digest = await pushed('h', '{"image":"h"}');
      await login(password);
      ask(password);
      expect(await imagePin({ engine: engineSocket, dockerFolder: folder })(`${proxy.address}/h:latest`)).toBe(
        `${proxy.address}/h@${digest}`,
      );
      const own = await createDockerWorld({ dockerFolder: folder });
      const reference = `${proxy.address}/h@${digest}`;
      images.push(reference);
      const named = await own.openStored(storedAs(manifestOf({ runtime: { docker: { image: reference, command: says, mode: 'once' } } })));
      expect(objectsOf((await callOpen(named)).replies[0])).toEqual([{ image: 'h' }]);
      await named.close();
      await removeImage(reference);
      const archive = tarOf({ Dockerfile: `FROM ${proxy.address}/h:latest\n` });
      const stored = storedAs(manifestOf({ runtime: { docker: { build: '.', command: says, mode: 'once' } } }), archive);
      images.push(`exosphere/test/container:${stored.digest.slice(7, 39)}`, `${proxy.address}/h:latest`);
      const built = await own.openStored(stored);
      expect(objectsOf((await callOpen(built)).replies[0])).toEqual([{ image: 'h' }]);
      await built.close();
      await own.close();
    });
  });

  describe('by a tag', () => {
    const pin = imagePin({ engine: engineSocket });

    it('CTR-13: that moves are what they were when they were pinned', async () => {
      const tag = `${proxy.address}/moving:latest`;
      const first = await pushed('moving', '{"version":1}');
      const pinned = await pin(tag);
      expect(pinned).toBe(`${proxy.address}/moving@${first}`);
      expect(await findImage(pinned)).toBeNull();
      expect(await said(tag, pinned)).toEqual([{ version: 1 }]);

      const second = await pushed('moving', '{"version":2}');
      expect(await said(tag, pinned)).toEqual([{ version: 1 }]);
      await removeImage(pinned);
      expect(await said(tag, pinned)).toEqual([{ version: 1 }]);

      const again = await pin(tag);
      expect(again).toBe(`${proxy.address}/moving@${second}`);
      expect(await said(tag, again)).toEqual([{ version: 2 }]);
    });

    it('CTR-13: are what is here, by its digest, where the registry cannot be asked', async () => {
      const reference = `${proxy.address}/kept@${await pushed('kept', '{"image":"kept"}')}`;
      const tag = `${proxy.address}/kept:latest`;
      expect(await said(tag)).toEqual([{ image: 'kept' }]);
      await proxy.close();
      expect(await pin(tag)).toBe(reference);
      proxy = await startRegistryProxy(registry.address);
    });

    it('CTR-13: that were made on this host are pinned by their id, and run by it', async () => {
      const name = `exo-local-${process.pid}:1`;
      images.push(name);
      await buildImage(name, Readable.from([tarOf({ Dockerfile: 'FROM busybox:stable\nCOPY says /\n', says: '{"image":"local"}' })]));
      const pinned = await pin(name);
      expect(pinned).toBe((await findImage(name))?.id);
      expect(await said(name, pinned)).toEqual([{ image: 'local' }]);
      await removeImage(name);
      await expect(open(name, pinned)).rejects.toMatchObject(unavailable(false, /was built on another host, or has been removed here/));
    });

    it.each(['name@sha256:00', 'sha256:00'])('CTR-13: %s is pinned already', async (name) => {
      expect(await pin(name)).toBe(name);
    });
  });
});
