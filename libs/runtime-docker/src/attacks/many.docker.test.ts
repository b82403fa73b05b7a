import { readdir } from 'node:fs/promises';
import { callEngine, requireImages } from '@exosphere/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DockerWorld } from '../testing/docker-world.ts';
import { callOpen, createDockerWorld, leftOvers, objectsOf } from '../testing/docker-world.ts';
import { answersOne, shellWorker } from '../testing/shell-worker.ts';
import { openFiles } from '../testing/watched-process.ts';

const mebibyte = 2 ** 20;

/** What the engine tells of the containers of this process: their names by id, for what happened. It remembers a few hundred events. */
class Events {
  readonly created = new Map<string, string>();
  readonly destroyed = new Map<string, string>();
  readonly #earlier = new Set<string>();
  #since = Math.floor(Date.now() / 1000);

  /** From now on. */
  static async begin(): Promise<Events> {
    const events = new Events();
    await events.gather();
    for (const id of [...events.created.keys(), ...events.destroyed.keys()]) events.#earlier.add(id);
    events.created.clear();
    events.destroyed.clear();
    return events;
  }

  async gather(): Promise<void> {
    const filters = JSON.stringify({ type: ['container'], event: ['create', 'destroy'], label: ['exosphere.owner'] });
    const until = Math.ceil(Date.now() / 1000) + 1;
    const { text } = await callEngine({ path: '/events', query: { since: String(this.#since), until: String(until), filters } });
    this.#since = until - 3;
    for (const line of text.split('\n').filter((one) => one.includes(`.${process.pid}.`))) {
      const { Action, Actor } = JSON.parse(line) as { Action: string; Actor: { ID: string; Attributes: { name: string } } };
      if (!this.#earlier.has(Actor.ID)) (Action === 'create' ? this.created : this.destroyed).set(Actor.ID, Actor.Attributes.name);
    }
  }
}

describe('many containers', () => {
  let world: DockerWorld;
  const limits = { containers: 20 };
  beforeAll(async () => {
    await requireImages(['busybox:stable']);
    world = await createDockerWorld({ limits });
    await world.call('echo {}', { inputs: [1, 2, 3, 4] });
  });
  afterAll(async () => {
    await world.close();
    expect(await leftOvers()).toEqual([]);
    expect(await readdir(world.homes).catch(() => [])).toEqual([]);
  });

  /** Everything that a container of a while ago could have left here. */
  async function left(): Promise<object> {
    const homes = (await readdir(world.homes, { recursive: true })).filter((name) => name.includes('.sock'));
    return { atEngine: await leftOvers(), sockets: homes };
  }

  it.each([
    ['a hundred in a row', 1, 100],
    ['twenty at once', 20, 20],
  ])('CTR-15: %s leave nothing: no container, volume, folder, open file or memory', { timeout: 300_000 }, async (_, atOnce, count) => {
    const events = await Events.begin();
    const files = openFiles();
    (globalThis as { gc?: () => void }).gc?.();
    const memory = process.memoryUsage().rss;
    const satellite = await world.open('read -r line; echo "$line"');
    for (let done = 0; done < count; done += atOnce) {
      const inputs = Array.from({ length: atOnce }, (_, index) => done + index);
      const { replies } = await callOpen(satellite, { inputs, timeoutMs: 120_000 });
      expect(replies.map((reply) => (objectsOf(reply) as { item: number }[])[0]?.item)).toEqual(inputs);
      if ((done + atOnce) % 20 === 0) await events.gather();
    }
    await satellite.close();
    expect(await left()).toEqual({ atEngine: [], sockets: [] });
    await expect.poll(openFiles, { timeout: 10_000 }).toBeLessThanOrEqual(files + 2);
    expect(process.memoryUsage().rss - memory).toBeLessThan(50 * mebibyte);
    expect([events.created.size, new Set(events.created.values()).size]).toEqual([count, count]);
    expect([...events.destroyed.keys()].toSorted()).toEqual([...events.created.keys()].toSorted());
  });

  it('CTR-15: warm ones leave nothing when their runtime is closed', { timeout: 120_000 }, async () => {
    const own = await createDockerWorld({ limits: { ...limits, patienceMs: 10 } });
    const before = openFiles();
    const satellites = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        own.open(shellWorker(`sleep 0.2; ${answersOne}`, `kind=${index}`), {}, { mode: 'worker', concurrency: 1 }),
      ),
    );
    const told = await Promise.all(satellites.map((satellite) => callOpen(satellite, { inputs: [1, 2, 3, 4], timeoutMs: 60_000 })));
    for (const { replies } of told) expect(replies.map(objectsOf)).toEqual(replies.map(() => [{ a: 1 }]));
    expect(openFiles()).toBeGreaterThan(before);
    for (const satellite of satellites) await satellite.close();
    await own.close();
    expect(await leftOvers()).toEqual([]);
    await expect.poll(openFiles, { timeout: 10_000 }).toBeLessThanOrEqual(before + 2);
  });
});
