import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { requireImages } from '@exosphere/testkit';
import { requireContainerEngine } from '../index.ts';
import { createDockerWorld, engineSocket, objectsOf } from '../testing/docker-world.ts';
import { createEngineProxy } from '../testing/engine-proxy.ts';

describe('an engine that cannot be had', () => {
  let folder = '';
  const servers: Server[] = [];
  beforeAll(async () => {
    await requireImages(['busybox:stable']);
    folder = await mkdtemp(join(tmpdir(), 'exo-away-'));
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(async () => {
    for (const server of servers) server.closeAllConnections();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    await rm(folder, { recursive: true, force: true });
  });

  async function answering(status: number, body: string): Promise<Server> {
    const server = createServer((_, response) => response.writeHead(status).end(body));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  const portOf = (server: Server): number => (server.address() as AddressInfo).port;
  const sentence = (advice: RegExp): object => ({ code: 'runtime-unavailable', retryable: true, message: expect.stringMatching(advice) });
  const asked = (address: string): Promise<unknown> => requireContainerEngine(address).catch((error: unknown) => error);

  it('CTR-14: is missing: one sentence says where it was looked for, and what to do', async () => {
    const address = `unix://${folder}/none.sock`;
    expect(await asked(address)).toMatchObject(
      sentence(
        /^Satellites in containers need a container engine at unix:\S+none\.sock, but none answers there\. Install and start Docker .*DOCKER_HOST[^.]*\.$/,
      ),
    );
  });

  it('CTR-14: refuses the connection', async () => {
    const gone = await answering(200, 'OK');
    const port = portOf(gone);
    await new Promise((resolve) => gone.close(resolve));
    expect(await asked(`tcp://127.0.0.1:${port}`)).toMatchObject(sentence(/none answers there\. Install and start Docker/));
  });

  it('CTR-14: may not be used by this user', async () => {
    const path = join(folder, 'forbidden.sock');
    const server = createServer();
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await chmod(path, 0);
    await chmod(folder, 0o755);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    const failure = await asked(`unix://${path}`).finally(() => (isRoot ? process.seteuid?.(0) : undefined));
    expect(failure).toMatchObject(sentence(/this user may not use it\. Add the user to the group 'docker'/));
  });

  it.each(['nonsense', 'npipe:////./pipe/docker_engine', 'ssh://root@host', 'unix://relative.sock', 'tcp://'])(
    'CTR-14: has no address where DOCKER_HOST is %j',
    async (address) => {
      expect(await asked(address)).toMatchObject(sentence(/is no address of a container engine.*Set DOCKER_HOST to unix:/));
    },
  );

  it.each([
    [404, 'no such page'],
    [200, 'It works!'],
    [500, '{"message":"starting"}'],
  ])('CTR-14: is no engine, but something that answers %i: %s', async (status, body) => {
    const server = await answering(status, body);
    const failure = await asked(`tcp://127.0.0.1:${portOf(server)}`);
    expect(failure).toMatchObject(sentence(/what answers there is no container engine that works/));
  });

  it('is the one that the runtime was given, whatever DOCKER_HOST is', async () => {
    vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:9');
    await requireContainerEngine(engineSocket);
    vi.stubEnv('DOCKER_HOST', 'tcp://[::bad');
    expect(await asked(`tcp://127.0.0.1:9`)).toMatchObject({ code: 'runtime-unavailable' });
  });

  it('CTR-14: does not keep a runtime from being made, and what waited runs as soon as there is one', async () => {
    const proxy = await createEngineProxy();
    const world = await createDockerWorld({ engine: proxy.address });
    await expect(world.call('echo "{}"')).rejects.toMatchObject(sentence(/none answers there/));
    await proxy.start();
    const { replies } = await world.call('echo \'{"a":1}\'');
    expect(objectsOf(replies[0])).toEqual([{ a: 1 }]);
    await world.close();
    await proxy.close();
  });
});
