import { callEngine, requireImages } from '@exosphere/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DockerWorld } from '../testing/docker-world.ts';
import { createDockerWorld, leftOvers, objectsOf } from '../testing/docker-world.ts';
import { engineSays, running, tellsOfMemory } from '../testing/engine-look.ts';
import { answersOne, shellWorker } from '../testing/shell-worker.ts';
import type { Watch } from '../testing/watched-process.ts';
import { watchThisProcess } from '../testing/watched-process.ts';

const small = { resources: { memory: '64MiB', cpu: 1 } };
/** The reply to a request whose container was killed for its memory, from an engine that tells of it, and from one that does not. */
const outOfMemory = (isTold: boolean): object => ({
  kind: 'error',
  error: {
    code: isTold ? 'out-of-memory' : expect.stringMatching(/^(satellite-error|container-failed)$/),
    retryable: true,
    message: expect.stringMatching(
      isTold ? /used more than its memory of 64 MiB/ : /137 \(SIGKILL\)\. It may have needed more than its memory of 64 MiB/,
    ),
  },
});

async function processesIn(id: string): Promise<number> {
  return (await engineSays<{ Processes: unknown[] }>(`/containers/${id}/top`)).Processes.length;
}

describe('a container that takes all it can get', () => {
  let world: DockerWorld;
  let watch: Watch;
  let isTold = false;
  beforeAll(async () => {
    await requireImages(['busybox:stable']);
    world = await createDockerWorld();
    await world.call('echo warm');
    isTold = await tellsOfMemory();
  });
  beforeEach(() => {
    watch = watchThisProcess();
  });
  afterEach(() => {
    watch.stop();
    expect(watch.grown()).toBeLessThan(50 * 2 ** 20);
  });
  afterAll(async () => {
    await world.close();
    expect(await leftOvers()).toEqual([]);
  });

  const neighbour = async (): Promise<void> => {
    const { replies } = await world.call('echo \'{"fine":true}\'', { timeoutMs: 30_000 }, small);
    expect(objectsOf(replies[0])).toEqual([{ fine: true }]);
  };

  it('CTR-03: may have 256 processes: the next one is refused, and says so', async () => {
    const { replies } = await world.call('for i in $(seq 1000); do sleep 100 & last=$i; done; echo {}', {}, small);
    expect(replies[0]).toMatchObject({
      kind: 'error',
      error: { message: expect.stringMatching(/can't fork: Resource temporarily unavailable/) },
    });
  });

  it('CTR-03: is held by its limits while a fork bomb goes off, its neighbours work, and nothing of it is left', async () => {
    const bomb = 'bomb() { bomb | bomb & }; bomb 2>/dev/null; while :; do :; done';
    const calling = world.call(bomb, { timeoutMs: 8_000 }, small);
    const id = (await running())[0]?.Id ?? '';
    await vi.waitFor(async () => expect(await processesIn(id)).toBeGreaterThan(50), { timeout: 10_000 });
    expect(await processesIn(id)).toBeLessThanOrEqual(256);
    await neighbour();
    const { replies } = await calling;
    expect(replies[0]).toMatchObject({ kind: 'error', error: { code: expect.stringMatching(/^(timeout|out-of-memory)$/) } });
    expect((await callEngine({ path: `/containers/${id}/json`, expects: [404] })).status).toBe(404);
  });

  it.each([
    ['by its program', 'exec tail /dev/zero'],
    ['by a file in its memory', 'exec dd if=/dev/zero of=/dev/shm/file bs=1M count=100'],
    ['by millions of empty files', 'cd /tmp; i=0; while :; do i=$((i+1)); : >$i || exit 3; done'],
  ])('CTR-03: out of memory is told as such: %s', async (_, script) => {
    const [{ replies }] = await Promise.all([world.call(script, { timeoutMs: 60_000 }, small), neighbour()]);
    expect(replies[0]).toMatchObject(outOfMemory(isTold));
  });

  it.each([
    ['in a process that its shell outlives', 'tail /dev/zero; exit 0'],
    ['in the background, with a result', 'tail /dev/zero & wait; echo \'{"a":1}\''],
  ])('CTR-03: out of memory is told as such, also where the exit code is 0: %s', async (_, script) => {
    const { replies } = await world.call(script, { timeoutMs: 60_000 }, small);
    if (isTold) expect(replies[0]).toMatchObject(outOfMemory(true));
    // who is not told by the engine cannot know
    else expect(replies[0]).toMatchObject({ kind: 'objects' });
  });

  it('CTR-03: out of memory is told as such in a warm container, and the next request has another', async () => {
    const script = shellWorker(`case "$line" in *'"item":"eat"'*) exec tail /dev/zero;; *) ${answersOne};; esac`);
    const eaten = await world.call(script, { inputs: ['eat'] }, small, { mode: 'worker' });
    expect(eaten.replies[0]).toMatchObject(outOfMemory(isTold));
    const { replies } = await world.call(script, { inputs: ['fine'] }, small, { mode: 'worker' });
    expect(objectsOf(replies[0])).toEqual([{ a: 1 }]);
  });

  it('CTR-03: a full scratch folder is an error of the program, and nobody else has less room', async () => {
    const script = 'dd if=/dev/zero of=/tmp/full bs=1M count=1000; echo "{\\"bytes\\":$(stat -c %s /tmp/full)}"';
    const [{ replies, logs }] = await Promise.all([world.call(script, {}, small), neighbour()]);
    expect(objectsOf(replies[0])).toEqual([{ bytes: 32 * 2 ** 20 }]);
    expect(logs.map(({ message }) => message).join()).toContain('No space left on device');
  });

  it('CTR-03: has its share of the processors and no more', async () => {
    const script = `while :; do :; done & spin=$!
      from=$(cut -d' ' -f1 /proc/uptime); sleep 4; until=$(cut -d' ' -f1 /proc/uptime)
      echo "{\\"ticks\\":$(cut -d' ' -f14 /proc/$spin/stat),\\"seconds\\":$(echo "$until - $from" | bc)}"; kill $spin`;
    const { replies } = await world.call(script, {}, { resources: { memory: '64MiB', cpu: 0.1 } });
    const [{ ticks, seconds }] = objectsOf(replies[0]) as [{ ticks: number; seconds: number }];
    expect(ticks / 100 / seconds).toBeLessThan(0.15);
    expect(ticks).toBeGreaterThan(0);
  });
});
