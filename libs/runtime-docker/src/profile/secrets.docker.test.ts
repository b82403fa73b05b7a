import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { callEngine, requireImages } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { DockerWorld } from '../testing/docker-world.ts';
import { createDockerWorld, leftOvers } from '../testing/docker-world.ts';
import { engineSays, running } from '../testing/engine-look.ts';
import type { EngineProxy } from '../testing/engine-proxy.ts';
import { createEngineProxy } from '../testing/engine-proxy.ts';
import { shellWorker } from '../testing/shell-worker.ts';

const canary = `canary-${process.pid}-${Date.now()}`;
const forms = [
  canary,
  encodeURIComponent(canary),
  ...(['base64', 'base64url', 'hex'] as const).map((form) => Buffer.from(canary).toString(form).slice(0, -4)),
];
const md5 = createHash('md5').update(canary).digest('hex');
/** Proves that it has the secret, without words that hold it. */
const tell = 'echo "$line" | sed \'s/.*"TOKEN":"\\([^"]*\\)".*/\\1/\' | tr -d "\\n" | md5sum >&2';

/** Everything that anybody who may ask the engine can read. */
async function shown(id: string): Promise<string> {
  const paths = ['/containers/json?all=1', '/volumes', '/networks', '/images/json?all=1', `/containers/${id}/json`];
  const said = await Promise.all(paths.map(async (path) => (await callEngine({ path })).text));
  const rest = [`/containers/${id}/top?ps_args=axwwe`, `/containers/${id}/logs?stdout=1&stderr=1`, `/containers/${id}/changes`];
  const more = await Promise.all(rest.map(async (path) => (await callEngine({ path, expects: [400, 404, 500, 501] })).text));
  return [...said, ...more].join('\n');
}

/** What lies on the disk for a container, where this user may look. */
async function onDisk(id: string): Promise<string> {
  const { DockerRootDir } = await engineSays<{ DockerRootDir: string }>('/info');
  const folder = join(DockerRootDir, 'containers', id);
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const texts = files.filter((file) => file.isFile()).map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1'));
  return (await Promise.all(texts)).join('\n');
}

/** Of each process in a container: its arguments and its environment, as the host sees them. */
async function ofProcesses(id: string): Promise<string> {
  const { Processes } = await engineSays<{ Processes: string[][] }>(`/containers/${id}/top`, { ps_args: '-o pid' });
  const files = Processes.flatMap(([pid = '']) => [`/proc/${pid}/environ`, `/proc/${pid}/cmdline`]);
  return (await Promise.all(files.map((file) => readFile(file, 'latin1').catch(() => '')))).join('\n');
}

describe('secrets of a request', () => {
  let world: DockerWorld;
  let proxy: EngineProxy;
  beforeAll(async () => {
    await requireImages(['busybox:stable']);
    proxy = await createEngineProxy();
    await proxy.start();
    world = await createDockerWorld({ engine: proxy.address });
  });
  afterAll(async () => {
    await world.close();
    await proxy.close();
    expect(await leftOvers()).toEqual([]);
  });

  it.each([
    ['once', `read -r line; ${tell}; cat /proc/[0-9]*/environ; cat >/dev/null; sleep 1000`],
    ['worker', shellWorker(`${tell}; cat /proc/[0-9]*/environ; sleep 1000`)],
  ])('CTR-16: reach the process (mode: %s), and nothing that the engine shows', async (mode, script) => {
    const stop = new AbortController();
    const calling = world.call(script, { secrets: { TOKEN: canary }, signal: stop.signal }, {}, { mode });
    const id = (await running())[0]?.Id ?? '';
    // it has read its request by then
    await vi.waitFor(
      async () => expect((await callEngine({ path: `/containers/${id}/top` })).text.includes('"sleep 1000"')).toBe(true),
      20_000,
    );
    const seen = { engine: await shown(id), disk: await onDisk(id), processes: await ofProcesses(id), requests: proxy.sent() };
    stop.abort();
    const { logs } = await calling;
    const printed = logs.map(({ message }) => message).join('\n');
    expect(printed).toContain(md5);
    const found = Object.entries({ ...seen, printed }).filter(([, text]) => forms.some((form) => text.includes(form)));
    expect(found.map(([place]) => place)).toEqual([]);
    // it has looked at something
    expect([seen.engine.includes('exosphere.kind'), seen.processes.includes('HOME=/tmp'), printed.includes('HOME=/tmp')]).toEqual([
      true,
      true,
      true,
    ]);
  });
});
