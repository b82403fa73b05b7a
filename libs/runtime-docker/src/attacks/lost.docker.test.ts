import { callEngine, requireImages } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { OnStep } from '../container/container.ts';
import type { DockerWorld, Told } from '../testing/docker-world.ts';
import { createDockerWorld, leftOvers, objectsOf } from '../testing/docker-world.ts';
import { running } from '../testing/engine-look.ts';
import type { EngineProxy } from '../testing/engine-proxy.ts';
import { createEngineProxy } from '../testing/engine-proxy.ts';
import { answersOne, shellWorker } from '../testing/shell-worker.ts';

const scripts = {
  once: 'read -r line; case "$line" in *\'"item":"stay"\'*) sleep 1000;; esac; echo \'{"a":1}\'',
  worker: shellWorker(`case "$line" in *'"item":"stay"'*) sleep 1000;; esac; ${answersOne}`),
};
type Mode = keyof typeof scripts;
const modes: readonly Mode[] = ['once', 'worker'];

describe('a container or an engine that goes away', () => {
  let world: DockerWorld;
  let proxy: EngineProxy;
  let onStep: OnStep = () => undefined;
  beforeAll(async () => {
    await requireImages(['busybox:stable']);
    proxy = await createEngineProxy();
    await proxy.start();
    world = await createDockerWorld({ engine: proxy.address, limits: { sweepMs: 500 }, onStep: (step) => onStep(step) });
  });
  afterAll(async () => {
    await world.close();
    await proxy.close();
    expect(await leftOvers()).toEqual([]);
  });

  /** The container that a request has reached. */
  async function atWork(): Promise<string> {
    for (const { Id } of await running()) {
      if ((await callEngine({ path: `/containers/${Id}/top`, expects: [404, 409, 500] })).text.includes('"sleep 1000"')) return Id;
    }
    throw new RangeError('none is at work');
  }

  /** An item is in work; then something happens; then the same is asked again. */
  async function struck(mode: Mode, strike: (id: string) => Promise<unknown> | void, timeoutMs = 60_000): Promise<Told> {
    const calling = world.call(scripts[mode], { inputs: ['stay'], timeoutMs }, {}, { mode });
    const id = await vi.waitFor(atWork, 20_000);
    const start = performance.now();
    await strike(id);
    const told = await calling;
    return { ...told, ms: performance.now() - start };
  }

  async function goesOn(mode: Mode): Promise<void> {
    const { replies } = await world.call(scripts[mode], { inputs: ['next'] }, {}, { mode });
    expect(objectsOf(replies[0])).toEqual([{ a: 1 }]);
    await vi.waitFor(async () => expect((await leftOvers()).filter((one) => one.includes('exo-once-'))).toEqual([]), 30_000);
  }

  const failed = (message: RegExp): object => ({ kind: 'error', error: { retryable: true, message: expect.stringMatching(message) } });

  it.each(modes)('CTR-11: a container that somebody removes fails its item soon, to be tried again (mode: %s)', async (mode) => {
    const { replies, ms } = await struck(mode, (id) => callEngine({ method: 'DELETE', path: `/containers/${id}`, query: { force: '1' } }));
    expect(replies[0]).toMatchObject(failed(/somebody removed it|137 \(SIGKILL\)/));
    expect(ms).toBeLessThan(10_000);
    await goesOn(mode);
  });

  it.each(modes)('CTR-11: a container that somebody kills fails its item soon, to be tried again (mode: %s)', async (mode) => {
    const { replies, ms } = await struck(mode, (id) => callEngine({ method: 'POST', path: `/containers/${id}/kill` }));
    expect(replies[0]).toMatchObject(failed(/137 \(SIGKILL\)/));
    expect(ms).toBeLessThan(10_000);
    await goesOn(mode);
  });

  it('CTR-11: a container that somebody pauses is stopped at its time limit', async () => {
    const { replies, ms } = await struck('once', (id) => callEngine({ method: 'POST', path: `/containers/${id}/pause` }), 4_000);
    expect(replies[0]).toMatchObject(failed(/took longer than 4000 ms/));
    expect(ms).toBeLessThan(30_000);
    await goesOn('once');
  });

  it.each(modes)('CTR-11: connections that break off lose what was in work, and its container is stopped (mode: %s)', async (mode) => {
    const { replies, ms } = await struck(mode, () => proxy.cut());
    expect(replies[0]).toMatchObject(failed(/the connection to it broke/));
    expect(ms).toBeLessThan(15_000);
    await goesOn(mode);
  });

  it.each(['worker'] as const)(
    'CTR-11: an engine that is away for a while loses what was in work, and is used again (mode: %s)',
    async (mode) => {
      const { replies, ms } = await struck(mode, async () => {
        await proxy.stop();
        setTimeout(() => void proxy.start(), 2_000);
      });
      expect(replies[0]).toMatchObject(failed(/the connection to it broke/));
      expect(ms).toBeLessThan(20_000);
      await goesOn(mode);
    },
  );

  it.each(['once'] as const)(
    'CTR-11: an engine that stays away loses what was in work; its container is taken when the engine is back (mode: %s)',
    async (mode) => {
      const { replies, ms } = await struck(mode, () => proxy.stop());
      expect(replies[0]).toMatchObject(failed(/the container engine does not answer/));
      expect(ms).toBeLessThan(25_000);
      await expect(world.call(scripts[mode], { inputs: ['next'] }, {}, { mode })).rejects.toMatchObject({
        code: 'runtime-unavailable',
        retryable: true,
      });
      expect(await leftOvers()).not.toEqual([]);
      await proxy.start();
      await vi.waitFor(async () => expect(await leftOvers()).toEqual([]), 15_000);
      await goesOn(mode);
    },
  );

  it('CTR-11: an engine that is silent does not hold an item for longer than a lease', async () => {
    const { replies, ms } = await struck('once', () => proxy.stall(), 3_000);
    expect(replies[0]).toMatchObject(failed(/./));
    expect(ms).toBeLessThan(30_000);
    proxy.cut();
    await proxy.start();
    await goesOn('once');
  });

  it.each(['created', 'attached', 'started'] as const)(
    'CTR-11: an engine that breaks off at %s leaves nothing, and the item waits',
    async (at) => {
      onStep = (step) => {
        if (step === at) proxy.cut();
      };
      const outcome: unknown = await world.call(scripts.once, { inputs: ['next'] }).catch((error: unknown) => error);
      onStep = () => undefined;
      const expected =
        at === 'started' ? { replies: [failed(/the connection to it broke/)] } : { code: 'runtime-unavailable', retryable: true };
      expect(outcome).toMatchObject(expected);
      await goesOn('once');
    },
  );
});
