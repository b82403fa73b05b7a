import fc from 'fast-check';
import type { JsonObject } from '@exosphere/model';
import { callEngine, requireImages } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DockerWorld, WorldCall } from '../testing/docker-world.ts';
import { callOpen, createDockerWorld, leftOvers } from '../testing/docker-world.ts';
import type { Inspected } from '../testing/engine-look.ts';
import { running } from '../testing/engine-look.ts';
import type { EngineProxy } from '../testing/engine-proxy.ts';
import { createEngineProxy } from '../testing/engine-proxy.ts';
import { openDoors } from '../testing/open-doors.ts';
import { shellWorker } from '../testing/shell-worker.ts';

const forever = 'read -r line; sleep 1000';
const mebibytes = 2 ** 20;

interface Allowed {
  readonly memory: number;
  readonly cpu: number;
}

/** What of `HostConfig` a container with satellites has, and no more. */
function allowed({ memory, cpu }: Allowed): Record<string, unknown> {
  return {
    Init: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: true,
    NetworkMode: 'none',
    IpcMode: 'private',
    PidsLimit: 256,
    Memory: memory,
    MemorySwap: memory,
    NanoCpus: Math.round(cpu * 1e9),
    Tmpfs: { '/tmp': `rw,noexec,nosuid,nodev,mode=1777,size=${memory / 2}` },
    Ulimits: [
      { Name: 'nofile', Soft: 4_096, Hard: 4_096 },
      { Name: 'core', Soft: 0, Hard: 0 },
    ],
    LogConfig: { Type: 'none', Config: {} },
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    Mounts: [
      expect.objectContaining({
        Type: 'volume',
        Source: expect.stringMatching(/^exo-(once|warm)-/),
        Target: '/run/exosphere',
        ReadOnly: true,
      }),
    ],
  };
}

/** The same without its limit of CPU time, which depends on the time limit of the call. */
function doors(container: Inspected): Readonly<Record<string, unknown>> {
  const { Ulimits, ...rest } = openDoors(container);
  const limits = Ulimits as readonly { readonly Name: string }[];
  return { ...rest, Ulimits: limits.filter(({ Name }) => Name !== 'cpu') };
}

function expectSealed(container: Inspected): void {
  expect(container.Config).toMatchObject({ User: '65534:65534', Tty: false, Healthcheck: { Test: ['NONE'] } });
  for (const [network, { IPAddress }] of Object.entries(container.NetworkSettings.Networks))
    expect([network, IPAddress]).toEqual(['none', '']);
  expect(container.Mounts).toEqual([expect.objectContaining({ Type: 'volume', Destination: '/run/exosphere', RW: false })]);
  expect(JSON.stringify(container)).not.toContain('docker.sock');
}

describe('what the engine is asked for', () => {
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

  /** Looks at the container of a call while it runs. */
  async function lookedAt(call: WorldCall, manifest: JsonObject = {}, docker: JsonObject = {}): Promise<Inspected> {
    const stop = new AbortController();
    const calling = world.call(forever, { ...call, signal: stop.signal }, manifest, docker);
    const [container] = await running();
    stop.abort();
    await calling;
    if (container === undefined) throw new RangeError('none runs');
    return container;
  }

  it('CTR-02: is exactly this for an execution', async () => {
    const container = await lookedAt({});
    expect(doors(container)).toEqual(allowed({ memory: 512 * mebibytes, cpu: 1 }));
    expectSealed(container);
    expect(container.Config['Cmd']).toEqual(['sh', '-c', forever]);
    expect(
      Object.keys(container.Config.Labels)
        .filter((label) => label.startsWith('exosphere.'))
        .toSorted(),
    ).toEqual(
      ['attempt', 'deadline', 'digest', 'execution', 'gpus', 'kind', 'owner', 'project', 'satellite'].map((name) => `exosphere.${name}`),
    );
  });

  it('CTR-02: is exactly this for a warm container', async () => {
    const satellite = await world.open(shellWorker('sleep 1000'), { resources: { cpu: 0.5, memory: '64MiB' } }, { mode: 'worker' });
    const stop = new AbortController();
    const calling = callOpen(satellite, { signal: stop.signal });
    const [container] = await running();
    stop.abort();
    await calling;
    await satellite.close();
    if (container === undefined) throw new RangeError('none runs');
    expect(openDoors(container)).toEqual(allowed({ memory: 64 * mebibytes, cpu: 0.5 }));
    expectSealed(container);
    expect(
      Object.keys(container.Config.Labels)
        .filter((label) => label.startsWith('exosphere.'))
        .toSorted(),
    ).toEqual(['digest', 'gpus', 'kind', 'owner', 'project', 'satellite'].map((name) => `exosphere.${name}`));
  });

  it('CTR-02: is exactly this for the server of a satellite', async () => {
    const serve = 'mkdir /tmp/www && echo ok >/tmp/www/index.html && httpd -f -p 8000 -h /tmp/www';
    const server = {
      image: 'busybox:stable',
      command: ['sh', '-c', serve],
      port: 8000,
      volumes: ['/models'],
      resources: { memory: '64MiB' },
    };
    const satellite = await world.open('true', {}, { server });
    const [container] = await running();
    await satellite.close();
    if (container === undefined) throw new RangeError('none runs');
    const { Ulimits, Tmpfs, Mounts, ShmSize, LogConfig, NetworkMode, PidsLimit, NanoCpus, ...rest } = openDoors(container);
    const { Init, CapDrop, SecurityOpt, ReadonlyRootfs, IpcMode, RestartPolicy, Memory, MemorySwap } = allowed({
      memory: 64 * mebibytes,
      cpu: 2,
    });
    expect(rest).toEqual({ Init, CapDrop, SecurityOpt, ReadonlyRootfs, IpcMode, RestartPolicy, Memory, MemorySwap });
    expect({ Ulimits, PidsLimit, NanoCpus, ShmSize }).toEqual({
      Ulimits: [{ Name: 'core', Soft: 0, Hard: 0 }],
      ...{ PidsLimit: 4_096, NanoCpus: 2e9, ShmSize: 16 * mebibytes },
    });
    expect(Tmpfs).toEqual({ '/tmp': `rw,exec,nosuid,nodev,mode=1777,size=${16 * mebibytes}` });
    expect(LogConfig).toEqual({ Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '1' } });
    expect(Mounts).toEqual([expect.objectContaining({ Type: 'volume', Source: expect.stringMatching(/^exo-keep-/), Target: '/models' })]);
    expect(container.Config['User']).toBe('65534:65534');
    expect(Object.keys(container.NetworkSettings.Networks)).toEqual([NetworkMode]);
    const network = JSON.parse((await callEngine({ path: `/networks/${String(NetworkMode)}` })).text) as { Internal: boolean };
    expect(network.Internal).toBe(true);
    await world.runtime.close();
    for (const { Name } of container.Mounts) await callEngine({ method: 'DELETE', path: `/volumes/${Name ?? ''}` });
    world = await createDockerWorld({ engine: proxy.address });
  });

  const canary = `canary-${process.pid}-${Date.now()}`;
  const words = fc.string({ unit: 'grapheme', maxLength: 12 });
  const names = fc.oneof(
    words,
    fc.constantFrom('HostConfig', 'Binds', 'Privileged', 'image', 'command', 'user', 'Env', 'Labels', 'network', 'devices', '__proto__'),
  );
  const evil = fc.constantFrom<JsonObject>(
    { HostConfig: { Privileged: true, Binds: ['/:/host'], NetworkMode: 'host' } },
    { Binds: ['/var/run/docker.sock:/s'], PidMode: 'host', CapAdd: ['ALL'] },
    { env: { LD_PRELOAD: '/tmp/x' }, labels: { 'exosphere.owner': 'other' } },
  );
  const data = fc.dictionary(names, fc.oneof(words, evil, fc.jsonValue() as fc.Arbitrary<never>), { maxKeys: 5 });
  const requests = fc.record({ config: data, input: data, secrets: fc.dictionary(words, words, { maxKeys: 3 }) });
  const manifests = fc.record({ cpu: fc.constantFrom(0.1, 0.5, 1, 1.5), mebibytes: fc.integer({ min: 16, max: 900 }) });

  it('CTR-02: has nothing in it of what the author of a cluster writes, nor of items and secrets', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(requests, manifests, async ({ config, input, secrets }, { cpu, mebibytes: size }) => {
        const call = { config: { ...config, canary }, inputs: [{ ...input, [canary]: canary }], secrets: { ...secrets, canary } };
        const container = await lookedAt(call, { resources: { cpu, memory: `${size}MiB` } });
        expect(doors(container)).toEqual(allowed({ memory: size * mebibytes, cpu }));
        expectSealed(container);
        expect(container.Config['Env']).toEqual([
          'HOME=/tmp',
          'EXO_EXECUTION=run/step/0',
          expect.stringMatching(/^EXO_IDEMPOTENCY_KEY=run-\d+\/step\/\d+$/),
          'EXO_ATTEMPT=1',
          expect.stringMatching(/^PATH=/),
        ]);
        expect(JSON.stringify(container)).not.toContain(canary);
      }),
      { numRuns: 12 },
    );
    expect(proxy.sent()).toContain('/containers/create');
    expect(proxy.sent()).not.toContain(canary);
  });
});
