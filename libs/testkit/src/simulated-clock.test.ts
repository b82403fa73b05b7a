import { describe, expect, it } from 'vitest';
import { createSimulatedClock } from './simulated-clock.ts';
import type { SimulatedClock } from './simulated-clock.ts';

const never = new AbortController().signal;
const start = Date.UTC(2026, 0, 1);

/** Writes down when each of these sleeps ended. */
function sleepersOf(clock: SimulatedClock, waits: readonly number[]): readonly string[] {
  const woken: string[] = [];
  for (const [index, ms] of waits.entries()) void clock.sleep(ms, never).then(() => woken.push(`${index}@${clock.now() - start}`));
  return woken;
}

/** A loop like those of a worker: looks every so many ms, and counts. */
function looksEvery(clock: SimulatedClock, ms: number, look: (time: number) => void, signal: AbortSignal): Promise<void> {
  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(ms, signal);
      look(clock.now() - start);
    }
  };
  return loop();
}

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i += 1) await new Promise<void>((resolve) => setImmediate(resolve));
};

describe('the simulated clock', () => {
  it('stands still unless somebody drives it', async () => {
    const clock = createSimulatedClock();
    const woken = sleepersOf(clock, [0, 1]);
    await turns(20);
    expect(clock.now()).toBe(start);
    expect(woken).toEqual([]);
    expect(clock.sleepers).toBe(2);
    expect(clock.nextWake).toBe(start);
  });

  it('jumps from sleeper to sleeper, in the order of their times, and wakes those of one time in the order in which they came', async () => {
    const clock = createSimulatedClock();
    const woken = sleepersOf(clock, [3_600_000, 20, 5, 20, 4.2]);
    expect(await clock.advance()).toBe(true);
    expect(woken).toEqual(['2@5', '4@5']);
    expect(await clock.advance()).toBe(true);
    expect(woken).toEqual(['2@5', '4@5', '1@20', '3@20']);
    expect(await clock.advance()).toBe(true);
    expect(woken.at(-1)).toBe('0@3600000');
    expect(await clock.advance()).toBe(false);
    expect(clock.now()).toBe(start + 3_600_000);
  });

  it('does not jump while anything runs that may go to sleep before', async () => {
    const clock = createSimulatedClock();
    const woken = sleepersOf(clock, [100]);
    let busy = '';
    const work = async (): Promise<void> => {
      for (let i = 0; i < 50; i += 1) await Promise.resolve();
      await turns(3);
      await clock.sleep(10, never);
      busy = `slept until ${clock.now() - start}`;
      await turns(3);
      clock.now();
      await turns(3);
      await clock.sleep(10, never);
      busy = `slept until ${clock.now() - start}`;
    };
    void work();
    await clock.advance();
    expect(busy).toBe('slept until 10');
    await clock.advance();
    expect(busy).toBe('slept until 20');
    expect(woken).toEqual([]);
  });

  it('ends a sleep early when its signal aborts, without an error, and forgets it', async () => {
    const clock = createSimulatedClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(1_000, stop.signal);
    expect(clock.sleepers).toBe(1);
    stop.abort();
    await sleeping;
    await clock.sleep(1_000, stop.signal);
    expect(clock.sleepers).toBe(0);
    expect(await clock.advance()).toBe(false);
    expect(clock.now()).toBe(start);
  });

  it('never wakes who sleeps for ever, and takes no sleep that is not a number', async () => {
    const clock = createSimulatedClock();
    const woken = sleepersOf(clock, [Infinity]);
    expect(clock.nextWake).toBeNull();
    expect(await clock.advance()).toBe(false);
    await clock.pass(1e15);
    expect(woken).toEqual([]);
    await expect(clock.sleep(Number.NaN, never)).rejects.toThrow('NaN');
  });

  it('lets a span pass, and everybody in it wake up in time', async () => {
    const clock = createSimulatedClock({ start: 1_000 });
    const stop = new AbortController();
    const looked: number[] = [];
    const loop = looksEvery(clock, 500, (time) => looked.push(time + start - 1_000), stop.signal);
    await clock.pass(2_250);
    expect(clock.now()).toBe(3_250);
    expect(looked).toEqual([500, 1_000, 1_500, 2_000]);
    await clock.pass(250);
    expect(looked.at(-1)).toBe(2_500);
    stop.abort();
    await loop;
  });

  it('runs until a condition holds, and says so', async () => {
    const clock = createSimulatedClock();
    const woken = sleepersOf(clock, [10, 20, 30]);
    expect(await clock.runUntil(() => woken.length === 2, { mostMs: 1_000 })).toBe('held');
    expect(clock.now()).toBe(start + 20);
    expect(await clock.runUntil(async () => woken.length === 2, { mostMs: 0 })).toBe('held');
  });

  it('tells when nobody sleeps who could make the condition hold', async () => {
    const clock = createSimulatedClock();
    const woken = sleepersOf(clock, [10]);
    expect(await clock.runUntil(() => false, { mostMs: 1_000 })).toBe('asleep');
    expect(woken).toEqual(['0@10']);
  });

  it('gives up at the limit', async () => {
    const clock = createSimulatedClock();
    const stop = new AbortController();
    let looks = 0;
    void looksEvery(clock, 300, () => void (looks += 1), stop.signal);
    expect(await clock.runUntil(() => false, { mostMs: 1_000 })).toBe('late');
    expect([looks, clock.now() - start]).toEqual([3, 1_000]);
    stop.abort();
  });

  it('waits for a condition that waits itself for somebody who sleeps', async () => {
    const clock = createSimulatedClock();
    const woken = sleepersOf(clock, [250]);
    const condition = async (): Promise<boolean> => {
      await clock.sleep(100, never);
      return woken.length > 0;
    };
    expect(await clock.runUntil(condition, { mostMs: 1_000 })).toBe('held');
    expect(clock.now() - start).toBe(350);
    expect(await clock.runUntil(condition, { mostMs: 50 })).toBe('late');
    expect(await clock.runUntil(() => new Promise<boolean>(() => undefined), { mostMs: 40 })).toBe('late');
    await clock.advance();
    expect(await clock.runUntil(() => new Promise<boolean>(() => undefined), { mostMs: 50 })).toBe('asleep');
  });

  it('lets time pass while work is under way, and answers as it does', async () => {
    const clock = createSimulatedClock();
    const work = async (): Promise<string> => {
      await clock.sleep(100, never);
      await turns(3);
      await clock.sleep(100, never);
      return 'done';
    };
    expect(await clock.drive(work)).toBe('done');
    expect(clock.now() - start).toBe(200);
    expect(await clock.drive(async () => clock.drive(work))).toBe('done');
    expect(clock.now() - start).toBe(400);
    const failing = async (): Promise<never> => {
      await clock.sleep(1, never);
      throw new RangeError('no');
    };
    await expect(clock.drive(failing)).rejects.toThrow(RangeError);
    await expect(clock.drive(() => clock.sleep(1_000, never), { mostMs: 999 })).rejects.toThrow('999 ms');
    await clock.advance();
    await expect(clock.drive(() => new Promise(() => undefined))).rejects.toThrow('nobody sleeps');
  });

  it('can be driven by two at once, and still jumps only when nothing runs', async () => {
    const clock = createSimulatedClock();
    const seen: number[] = [];
    const work = async (): Promise<void> => {
      for (let i = 0; i < 5; i += 1) {
        await clock.sleep(10, never);
        await turns(3);
        seen.push(clock.now() - start);
      }
    };
    const other = sleepersOf(clock, [11, 12, 13, 14, 21, 22, 23]);
    await Promise.all([clock.drive(work), clock.pass(60), clock.drive(work)]);
    expect(seen).toEqual([10, 10, 20, 20, 30, 30, 40, 40, 50, 50]);
    expect(other).toEqual(['0@11', '1@12', '2@13', '3@14', '4@21', '5@22', '6@23']);
  });

  it('settles when nothing has changed for a span, though others still look for work', async () => {
    const clock = createSimulatedClock();
    const stop = new AbortController();
    let changes = 0;
    void looksEvery(clock, 500, () => undefined, stop.signal);
    const change = async (ms: number): Promise<void> => {
      await clock.sleep(ms, never);
      changes += 1;
    };
    void change(1_500);
    void change(2_900);
    void change(60_000);
    expect(await clock.settle({ changes: () => changes, quietMs: 2_000 })).toBe('quiet');
    expect([changes, clock.now() - start]).toEqual([2, 4_900]);
    expect(await clock.settle({ changes: () => changes, quietMs: 2_000 })).toBe('quiet');
    expect([changes, clock.now() - start]).toEqual([2, 6_900]);
    expect(await clock.settle({ changes: () => changes, quietMs: 60_000 })).toBe('quiet');
    expect([changes, clock.now() - start]).toEqual([3, 120_000]);
    stop.abort();
  });

  it('is restless when things go on changing', async () => {
    const clock = createSimulatedClock();
    const stop = new AbortController();
    let changes = 0;
    void looksEvery(clock, 500, () => void (changes += 1), stop.signal);
    expect(await clock.settle({ changes: () => changes, quietMs: 1_000, mostMs: 10_000 })).toBe('restless');
    expect([changes, clock.now() - start]).toEqual([20, 10_000]);
    stop.abort();
  });

  it('does not go on for ever where time does not pass', async () => {
    const clock = createSimulatedClock();
    const stop = new AbortController();
    void looksEvery(clock, 0, () => undefined, stop.signal);
    await expect(clock.pass(1)).rejects.toThrow('time does not pass');
    stop.abort();
    let isOver = false;
    const spin = async (): Promise<void> => {
      while (!isOver) {
        clock.now();
        await turns(1);
      }
    };
    void spin();
    await expect(clock.idle()).rejects.toThrow('never idle');
    isOver = true;
  });

  it('gives the same chance for the same seed', () => {
    const drawn = (seed: number): readonly unknown[] => {
      const clock = createSimulatedClock({ seed });
      return [clock.random(), [...clock.bytes(5)], clock.random()];
    };
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
  });
});
