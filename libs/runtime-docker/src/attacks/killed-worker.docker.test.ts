import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { requireImages } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDockerWorld, leftOvers, objectsOf } from '../testing/docker-world.ts';
import type { KilledWorker } from '../testing/killed-worker.ts';
import { ourContainers } from '../testing/engine-look.ts';
import { shellWorker } from '../testing/shell-worker.ts';

/** The first attempt goes on for ever, unless it is killed at its end; the next one answers. */
const scripts = {
  once: 'read -r line; case "$line" in *\'"item":"first"\'*) trap "" TERM; while :; do sleep 0.2; done;; esac; echo \'{"done":true}\'',
  worker: shellWorker(
    'case "$line" in *\'"item":"first"\'*) trap "" TERM; while :; do sleep 0.2; done;; esac; echo "{\\"nonce\\":\\"$nonce\\",\\"objects\\":[{\\"done\\":true}]}"',
  ),
};

interface Dead {
  readonly pid: number;
  readonly key: string;
  /** What it printed: nothing, or it had a reply. */
  readonly printed: string;
  readonly signal: NodeJS.Signals | null;
}

let keys = 0;

async function killedAt(step: KilledWorker['step'], mode: KilledWorker['mode'], homes: string): Promise<Dead> {
  keys += 1;
  const key = `killed-${process.pid}/step/${keys}`;
  const input = step === 'ended' ? 'last' : 'first';
  const worker: KilledWorker = { step, mode, homes, key, input, script: scripts[mode] };
  const child = spawn(process.execPath, [join(import.meta.dirname, '../testing/killed-worker.ts'), JSON.stringify(worker)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed, [, signal]] = await Promise.all([
    text(child.stdout),
    once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { pid: child.pid ?? 0, key, printed, signal };
}

describe('a worker that is killed', () => {
  let homes = '';
  beforeAll(async () => {
    await requireImages(['busybox:stable']);
    homes = await mkdtemp(join(tmpdir(), 'exo-'));
  });
  afterAll(async () => {
    await rm(homes, { recursive: true, force: true });
    expect(await leftOvers()).toEqual([]);
  });

  it.each(['once', 'worker'] as const)(
    'CTR-06: at any step leaves nothing behind for long, and one result (mode: %s)',
    { timeout: 120_000 },
    async (mode) => {
      const steps = ['created', 'attached', 'started', 'working', ...(mode === 'once' ? (['ended'] as const) : [])] as const;
      const dead = await Promise.all(steps.map((step) => killedAt(step, mode, homes)));
      expect(dead.map(({ signal, printed }) => [signal, printed])).toEqual(steps.map(() => ['SIGKILL', '']));
      // each new worker takes away what dead ones left, so only the folders of the last ones are sure to be there
      expect(await readdir(homes)).not.toEqual([]);

      const world = await createDockerWorld({ homes });
      await world.runtime.ready();
      expect((await Promise.all(dead.map(({ pid }) => leftOvers(pid)))).flat()).toEqual([]);
      expect(await readdir(homes)).toEqual([]);

      const again = await Promise.all(dead.map(({ key }) => world.call(scripts[mode], { key, inputs: ['again'] }, {}, { mode })));
      expect(again.map(({ replies }) => replies.map(objectsOf))).toEqual(steps.map(() => [[{ done: true }]]));
      await world.close();
    },
  );

  it.each(['created', 'working'] as const)(
    'CTR-06: at %s, its container is in the way of the next attempt: there is never more than one',
    async (step) => {
      const world = await createDockerWorld({ homes });
      await world.runtime.ready();
      const { key, pid } = await killedAt(step, 'once', homes);
      const [container] = await ourContainers(`.${pid}.`);
      expect(container?.State.Running).toBe(step === 'working');
      let most = 0;
      const look = async (): Promise<void> => {
        const [own, others] = await Promise.all([ourContainers(), ourContainers(`.${pid}.`)]);
        most = Math.max(most, [...own, ...others].filter(({ Name }) => Name === container?.Name).length);
      };
      const calling = world.call(`read -r line; sleep 1; echo '{"done":true}'`, { key });
      const over = new AbortController();
      void calling.finally(() => over.abort());
      while (!over.signal.aborted) await look();
      expect(objectsOf((await calling).replies[0])).toEqual([{ done: true }]);
      expect([most, await leftOvers(pid)]).toEqual([1, []]);
      await world.close();
    },
  );

  it('CTR-06: has its warm containers taken away by a worker that goes on', async () => {
    const world = await createDockerWorld({ homes, limits: { sweepMs: 300 } });
    await world.runtime.ready();
    const { pid } = await killedAt('working', 'worker', homes);
    await vi.waitFor(async () => expect(await leftOvers(pid)).toEqual([]), { timeout: 15_000 });
    await world.close();
  });
});
