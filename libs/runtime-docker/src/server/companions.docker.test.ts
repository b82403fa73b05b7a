import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { networkRules } from '@exosphere/egress';
import type { ServerNeeds } from '@exosphere/satellite-protocol';
import { callEngine, requireImages, startReceiver } from '@exosphere/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Engine } from '../engine/engine.ts';
import { GpuBook } from '../gpu/gpu-book.ts';
import { GpuDesk } from '../gpu/gpu-desk.ts';
import type { Gpu } from '../gpu/gpu.ts';
import { ImageStore } from '../images/image-store.ts';
import type { Owner } from '../sweep/owner.ts';
import { thisProcess } from '../sweep/owner.ts';
import { sweep } from '../sweep/sweep.ts';
import { engineSocket, leftOvers } from '../testing/docker-world.ts';
import type { CompanionWanted } from './companions.ts';
import { Companions } from './companions.ts';

const card: Gpu = { id: 'GPU-1', index: 0, driver: 'nvidia', model: 'NVIDIA Test', memoryBytes: 80 * 2 ** 30 };
const gpuNeeds = { count: 1, driver: 'nvidia', capabilities: ['gpu'], minMemoryBytes: 80 * 2 ** 30, deviceIds: null, options: {} };
const webServer = 'date +%s%N > /keep/$(date +%s%N); echo ok > /keep/health; exec httpd -f -p 8000 -h /keep';

function needs(command: string, gpu: ServerNeeds['resources']['gpu'] = null): ServerNeeds {
  return {
    image: 'busybox:stable',
    command: ['sh', '-c', command],
    port: 8000,
    ready: '/health',
    volumes: ['/keep'],
    resources: { cpu: 1, memoryBytes: 64 * 2 ** 20, gpu },
  };
}

describe('a companion of a satellite', () => {
  const engine = new Engine(engineSocket);
  const homes = mkdtempSync(join(tmpdir(), 'exo-'));
  const notes: string[] = [];
  const made: Companions[] = [];
  let count = 0;

  const companions = (owner: Owner = thisProcess(), gpus: readonly Gpu[] = []): Companions => {
    const desk = new GpuDesk(new GpuBook(gpus, () => performance.now()), engine, owner);
    const all = new Companions({
      engine,
      images: new ImageStore(engine, '/nowhere'),
      gpus: desk,
      owner,
      held: join(homes, owner.id, 'servers'),
      idleMs: 60_000,
      patienceMs: 20_000,
    });
    made.push(all);
    return all;
  };
  const wanted = (server: ServerNeeds, rules = networkRules([], {}, 1).rules): CompanionWanted => {
    count += 1;
    const digest = `sha256:${String(process.pid)}-${String(count)}`;
    return {
      project: 'p',
      reference: `satellite/test/server-${String(process.pid)}-${String(count)}`,
      digest,
      needs: server,
      image: server.image,
      rules,
      note: (message) => void notes.push(message),
    };
  };

  beforeAll(() => requireImages(['busybox:stable']));
  afterAll(() => rmSync(homes, { recursive: true }));
  afterEach(async () => {
    for (const one of made.splice(0)) await one.close();
    const { Volumes } = JSON.parse(
      (await callEngine({ path: `/volumes?filters=${encodeURIComponent('{"label":["exosphere.keep"]}')}` })).text,
    ) as { Volumes: readonly { Name: string }[] | null }; // Docker's Engine API
    for (const { Name } of Volumes ?? []) await engine.removeVolume(Name);
    expect(await leftOvers()).toEqual([]);
  });

  it('is one for all that open it, answers on a network of its own, and keeps its volume, which it may write to', async () => {
    const all = companions();
    const same = wanted(needs(webServer));
    const [first, second] = await Promise.all([all.open(same), all.open(same)]);
    expect(second.address).toEqual(first.address);
    const answer = await new Promise<string>((resolve, reject) => {
      get({ ...first.address, path: '/health' }, (response) => resolve(text(response))).on('error', reject);
    });
    expect(answer.trim()).toBe('ok');
    first.leave();
    second.leave();
  });

  it('that ends says with what, and what it printed last', async () => {
    const failing = companions().open(wanted(needs('echo "no model here" >&2; exit 3')));
    await expect(failing).rejects.toMatchObject({
      code: 'server-failed',
      retryable: true,
      message: expect.stringMatching(/exit code 3.*no model here/s),
    });
  });

  it('that takes long is waited for visibly', async () => {
    const owner = thisProcess();
    const desk = new GpuDesk(new GpuBook([], () => 0), engine, owner);
    const all = new Companions({
      engine,
      images: new ImageStore(engine, '/nowhere'),
      gpus: desk,
      owner,
      held: join(homes, owner.id, 'servers'),
      idleMs: 60_000,
      patienceMs: 50,
    });
    made.push(all);
    const slow = wanted(needs(`sleep 1; ${webServer}`));
    await expect(all.open(slow)).rejects.toMatchObject({
      code: 'runtime-unavailable',
      retryable: true,
      message: expect.stringContaining('which is starting'),
    });
    await expect
      .poll(
        async () =>
          all.open(slow).then(
            ({ address }) => address.port,
            () => null,
          ),
        { timeout: 20_000 },
      )
      .toBe(8000);
  });

  it('CTR-06: outlives its worker, and the next one adopts it', async () => {
    const gone: Owner = { ...thisProcess(), id: `${thisProcess().id.split('.').slice(0, 2).join('.')}.${String(2 ** 22 + 1)}.1` };
    const first = companions(gone);
    made.pop();
    const same = wanted(needs(webServer));
    const { address } = await first.open(same);
    await sweep({ engine, owner: thisProcess(), homes, now: Date.now(), leaveServers: true });
    notes.length = 0;
    const adopted = await companions().open(same);
    expect(adopted.address).toEqual(address);
    expect(notes).toEqual([expect.stringContaining('which runs already')]);
    const sweepAll = { engine, owner: thisProcess(), homes, now: Date.now(), leaveServers: false };
    await sweep(sweepAll);
    expect((await engine.list('exosphere.kind=server')).map(({ state }) => state)).toEqual(['running']);
  });

  it('CTR-05: reaches the hosts of its manifest by its egress, and nothing else', async () => {
    const hub = await startReceiver({ answer: () => ({ status: 200, body: { weights: 'are here' } }) });
    const { rules } = networkRules(['hub.test'], { 'http://hub.test': hub.url }, 1);
    const fetches = 'wget -qO /keep/got http://hub.test/model; wget -qO /keep/other http://other.test/ 2>/keep/refused';
    const direct = `env -u http_proxy wget -T 3 -qO /keep/direct ${hub.url} 2>/keep/unreachable`;
    const open = await companions().open(wanted(needs(`${fetches}; ${direct}; ${webServer}`), rules));
    const read = async (path: string): Promise<string> =>
      (await fetch(`http://${open.address.host}:${String(open.address.port)}/${path}`)).text();
    expect(JSON.parse(await read('got'))).toEqual({ weights: 'are here' });
    expect(await read('refused')).toContain('403');
    expect(await read('unreachable')).not.toBe('');
    expect(notes.some((note) => note.includes('other.test'))).toBe(true);
    open.leave();
    await hub.stop();
  });

  it('waits for a graphics card that this host does not have', async () => {
    const waiting = companions(thisProcess(), []).open(wanted(needs(webServer, gpuNeeds)));
    await expect(waiting).rejects.toMatchObject({
      code: 'runtime-unavailable',
      retryable: true,
      message: expect.stringMatching(/no GPU host for .*needs 1 × nvidia ≥ 80 GiB/),
    });
  });

  it('waits where the engine does not give it the card', async () => {
    const waiting = companions(thisProcess(), [card]).open(wanted(needs(webServer, gpuNeeds)));
    await expect(waiting).rejects.toMatchObject({
      code: 'runtime-unavailable',
      retryable: true,
      message: expect.stringMatching(/could not select device driver/),
    });
  });
});
