import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkContainers, containersFinding } from './check-containers.ts';

let folder: string;
let server: Server | null = null;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exosphere-doctor-'));
});
afterEach(async () => {
  const stopped = server;
  server = null;
  if (stopped !== null) await new Promise((resolve) => stopped.close(resolve));
});
afterAll(() => rm(folder, { recursive: true }));

/** As Docker 28 and Podman 5 answer, without what nobody looks at. */
const docker = {
  '/version': { Version: '28.2.2', ApiVersion: '1.50', Components: [{ Name: 'Engine' }] },
  '/info': { Driver: 'overlayfs', CgroupVersion: '2', Runtimes: { runc: {}, nvidia: {} } },
};
const podman = {
  '/version': { Version: '5.4.0', ApiVersion: '1.41', Components: [{ Name: 'Podman Engine' }] },
  '/info': { Driver: 'overlay', CgroupVersion: '2', Runtimes: null },
};

async function listen(started: Server): Promise<string> {
  const path = join(folder, 'engine.sock');
  server = started;
  await new Promise<void>((resolve) => void started.listen(path, resolve));
  return `unix://${path}`;
}

const engine = (answers: Readonly<Record<string, object>>): Server =>
  createHttpServer((request, response) => {
    const answer = answers[request.url ?? ''];
    response.writeHead(answer === undefined ? 500 : 200).end(JSON.stringify(answer ?? {}));
  });

describe('the finding on containers', () => {
  it.each([
    ['Docker', docker, 'Docker 28.2.2 at SOCKET, API 1.50, cgroup v2, overlayfs, NVIDIA runtime'],
    ['Podman', podman, 'Podman 5.4.0 at SOCKET, API 1.41, cgroup v2, overlay'],
  ])('is what %s says of itself, in one line', async (_, answers, found) => {
    const host = await listen(engine(answers));
    const { finding, engine: facts } = await checkContainers(host);
    expect(finding).toEqual({ what: 'containers', state: 'good', found: found.replace('SOCKET', host.slice(7)), advice: null });
    expect(facts).not.toBeNull();
  });

  it('is that there is no engine', async () => {
    const { finding, engine: facts } = await checkContainers(`unix://${join(folder, 'nothing.sock')}`);
    expect(finding).toMatchObject({
      state: 'missing',
      found: expect.stringMatching(/^no engine at /),
      advice: expect.stringMatching(/^Install and start Docker/),
    });
    expect(facts).toBeNull();
  });

  it('is that nobody listens at a socket that was left behind', async () => {
    const path = join(folder, 'left.sock');
    await writeFile(path, '');
    const { finding } = await checkContainers(`unix://${path}`);
    expect(finding).toMatchObject({
      state: 'missing',
      found: `nobody listens at ${path}`,
      advice: expect.stringMatching(/^Start the engine/),
    });
  });

  it('is that this user may not use it', () => {
    const finding = containersFinding('/var/run/docker.sock', { kind: 'failure', code: 'EACCES', message: 'connect EACCES' });
    expect(finding).toMatchObject({
      state: 'missing',
      found: 'this user may not use the engine at /var/run/docker.sock',
      advice: expect.stringContaining('usermod -aG docker'),
    });
  });

  it.each([
    ['answers with a failure', () => engine({ '/version': docker['/version'] }), 'it answers 500 to /info'],
    ['speaks no HTTP', () => createServer((socket) => void socket.resume().end('220 mail\r\n')), 'Parse Error'],
  ])('is that what is there %s', async (_, start, said) => {
    const { finding } = await checkContainers(await listen(start()));
    expect(finding).toMatchObject({ state: 'missing', found: expect.stringContaining(`does not answer as one: ${said}`) });
  });

  it('is that an address of another kind was not asked', async () => {
    const { finding } = await checkContainers('ssh://host');
    expect(finding).toMatchObject({ state: 'missing', found: 'ssh://host was not asked' });
  });
});
