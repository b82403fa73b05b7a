import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { networkRules } from '@exosphere/egress';
import { ExosphereError } from '@exosphere/model';
import type { ServerNeeds } from '@exosphere/satellite-protocol';
import { requireImages } from '@exosphere/testkit';
import type { ContainerCreateOptions } from 'dockerode';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Engine } from '../engine/engine.ts';
import { GpuBook } from '../gpu/gpu-book.ts';
import { GpuDesk } from '../gpu/gpu-desk.ts';
import type { Gpu } from '../gpu/gpu.ts';
import { ImageStore } from '../images/image-store.ts';
import type { Owner } from '../sweep/owner.ts';
import { thisProcess } from '../sweep/owner.ts';
import { serversOf, sweep } from '../sweep/sweep.ts';
import { engineSocket, leftOvers } from '../testing/docker-world.ts';
import type { CompanionsOptions, CompanionWanted } from './companions.ts';
import { Companions } from './companions.ts';

const card: Gpu = { id: 'GPU-1', index: 0, driver: 'nvidia', model: 'NVIDIA Test', memoryBytes: 80 * 2 ** 30 };
const gpu = { count: 1, driver: 'nvidia', capabilities: ['gpu'], minMemoryBytes: null, deviceIds: null, options: {} };
const webServer = 'echo ok > /tmp/health; exec httpd -f -p 8000 -h /tmp';

/** The real engine, which has no card to give, and which can be made to be away. */
class TestEngine extends Engine {
  isAway = false;
  override create(spec: ContainerCreateOptions): Promise<string> {
    return super.create({ ...spec, HostConfig: { ...spec.HostConfig, DeviceRequests: [] } });
  }
  override async remove(id: string): Promise<void> {
    if (this.isAway) throw new ExosphereError('runtime-unavailable', 'The engine is away.', { retryable: true });
    return super.remove(id);
  }
}

describe('companions of several workers and satellites', () => {
  const engine = new TestEngine(engineSocket);
  const homes = mkdtempSync(join(tmpdir(), 'exo-'));
  const made: Companions[] = [];
  let count = 0;

  const companions = (more: Partial<CompanionsOptions> = {}): Companions => {
    const owner = more.owner ?? thisProcess();
    const all = new Companions({
      engine,
      images: new ImageStore(engine, '/nowhere'),
      gpus: new GpuDesk(new GpuBook([card], () => performance.now()), engine, owner),
      owner,
      held: serversOf(homes, owner.id),
      idleMs: 60_000,
      patienceMs: 20_000,
      ...more,
    });
    made.push(all);
    return all;
  };
  const wanted = (command: string, needs: ServerNeeds['resources']['gpu'] = null, hosts: readonly string[] = []): CompanionWanted => {
    count += 1;
    const resources = { cpu: 1, memoryBytes: 64 * 2 ** 20, gpu: needs };
    const server = { image: 'busybox:stable', command: ['sh', '-c', command], port: 8000, ready: '/health', volumes: [], resources };
    return {
      project: 'p',
      reference: `satellite/test/shared-${String(count)}`,
      digest: `sha256:shared-${String(process.pid)}-${String(count)}`,
      needs: server,
      image: server.image,
      rules: networkRules(hosts, {}, 1).rules,
      note: () => undefined,
    };
  };
  const standing = async ({ reference }: CompanionWanted): Promise<readonly string[]> =>
    (await engine.list(`exosphere.satellite=${reference}`)).map(({ id }) => id);

  beforeAll(() => requireImages(['busybox:stable']));
  afterAll(() => rmSync(homes, { recursive: true }));
  afterEach(async () => {
    engine.isAway = false;
    for (const one of made.splice(0)) await one.close();
    expect(await leftOvers()).toEqual([]);
  });

  it('CTR-06: one that another living worker started is shared, and removed only by the last that uses it', async () => {
    const [first, second] = [companions({ owner: anotherWorker() }), companions()];
    const same = wanted(webServer, null, ['hub.test']);
    const { address } = await first.open(same);
    const [id] = await standing(same);
    expect((await second.open(same)).address).toEqual(address);
    expect(await standing(same)).toEqual([id]);
    await first.close();
    const again = await second.open(same);
    expect(again.address).toEqual(address);
    expect(await standing(same)).toEqual([id]);
    // the way out, which the first had open, is open here now
    const port = Number((await engine.inspect(id ?? '')).Config.Labels['exosphere.egress-port']);
    const gateway = address.host.replace(/\d+$/, '1');
    expect((await fetch(`http://${gateway}:${String(port)}/`)).status).toBe(400);
    await second.close();
    expect(await standing(same)).toEqual([]);
  });

  it('one that has ended is started anew for the next that opens it, and for those that have it open', async () => {
    const all = companions();
    const same = wanted(webServer);
    const before = await all.open(same);
    const [id = ''] = await standing(same);
    await engine.kill(id, 'SIGKILL');
    await expect.poll(async () => (await engine.state(id)).isRunning).toBe(false);
    const after = await all.open(same);
    expect(await standing(same)).toEqual([expect.not.stringContaining(id)]);
    expect(await before.find()).toEqual(after.address);
  });

  it('one that nobody waits for any more is stopped when it is ready', async () => {
    const all = companions({ patienceMs: 20, idleMs: 20 });
    const slow = wanted(`sleep 1; ${webServer}`);
    await expect(all.open(slow)).rejects.toMatchObject({ message: expect.stringContaining('which is starting') });
    expect(all.names()).not.toEqual([]);
    await expect.poll(() => all.names(), { timeout: 20_000 }).toEqual([]);
    expect(await standing(slow)).toEqual([]);
  });

  it('one that the engine does not remove is closed all the same, and swept while its worker lives', async () => {
    const warnings: string[] = [];
    const all = companions({ onWarning: (message) => void warnings.push(message) });
    const one = wanted(webServer);
    await all.open(one);
    const options = { engine, owner: thisProcess(), homes, now: Date.now(), leaveServers: false, live: () => new Set(all.names()) };
    await sweep(options);
    expect(await standing(one)).toHaveLength(1);
    engine.isAway = true;
    await all.close();
    expect(warnings).toEqual([expect.stringContaining('could not be removed')]);
    await expect(sweep(options)).rejects.toMatchObject({ code: 'runtime-unavailable' });
    engine.isAway = false;
    await sweep(options);
    expect(await standing(one)).toEqual([]);
  });

  it('one that is loading keeps its card, until it has been ready', async () => {
    const all = companions({ patienceMs: 20 });
    const [first, second] = [wanted(`sleep 2; ${webServer}`, gpu), wanted(webServer, gpu)];
    await expect(all.open(first)).rejects.toMatchObject({ message: expect.stringContaining('which is starting') });
    await expect(all.open(second)).rejects.toMatchObject({ message: expect.stringContaining('is in use by satellite/test/shared') });
    const opened = async (one: CompanionWanted): Promise<number | null> =>
      all.open(one).then(
        (open) => {
          open.leave();
          return open.address.port;
        },
        () => null,
      );
    await expect.poll(() => standing(first), { timeout: 10_000 }).toHaveLength(1);
    const [id] = await standing(first);
    await expect.poll(() => opened(second), { timeout: 20_000 }).toBe(8000);
    expect(id).toBeDefined();
    expect(await standing(first)).toEqual([]);
  });
});

/** A process that lives, as the owner of what is made in its name. */
function anotherWorker(): Owner {
  const child = spawn('sleep', ['600']);
  onTestFinished(() => void child.kill());
  const [boot, namespace] = thisProcess().id.split('.');
  const pid = String(child.pid);
  const start = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? '';
  const id = [boot, namespace, pid, start].join('.');
  const here = thisProcess();
  return { id, standing: (other) => (other === id ? 'ours' : other === here.id ? 'alive' : here.standing(other)) };
}
