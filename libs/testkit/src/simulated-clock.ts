import type { Clock } from '@exosphere/ports';
import { seededRandom } from './seeded-random.ts';

export interface SimulatedClockOptions {
  /** Of `random()` and `bytes()`; default 1. */
  readonly seed?: number;
  /** The time at the beginning, ms since 1970; default: the first of January 2026. */
  readonly start?: number;
  /** The process is idle after so many turns of the event loop in which nobody asked the clock for anything; default 4. */
  readonly idleTurns?: number;
}

/**
 * A clock whose time stands still while anything runs, and jumps to the next sleeper when nothing does.
 *
 * What runs is seen by turns of the event loop: promises, immediates, and timers of 0 ms. Real I/O is not seen; a test that has some
 * waits for it before it lets time pass.
 */
export interface SimulatedClock extends Clock {
  /** How many sleep. */
  readonly sleepers: number;
  /** When the next one wakes up, ms since 1970; null: none does. */
  readonly nextWake: number | null;
  /** Lets run what can run without time passing. */
  idle(): Promise<void>;
  /** Jumps to the next sleeper, and lets run what it does. False: nobody sleeps. */
  advance(): Promise<boolean>;
  /** Lets so many ms pass, sleeper by sleeper. */
  pass(ms: number): Promise<void>;
  /** Jumps from sleeper to sleeper until the condition holds. */
  runUntil(condition: () => boolean | Promise<boolean>, limit: { readonly mostMs: number }): Promise<RunEnd>;
  /** Lets happen what can happen before nothing has changed for `quietMs`: sleepers that only look for work do not keep it going. */
  settle(until: SettleOptions): Promise<SettleEnd>;
}

/** `held`: the condition holds. `asleep`: it does not, and nobody sleeps who could change that. `late`: it did not within the limit. */
export type RunEnd = 'held' | 'asleep' | 'late';
/** `quiet`: nothing changed for the last `quietMs`. `restless`: things still changed at the limit. */
export type SettleEnd = 'quiet' | 'restless';

export interface SettleOptions {
  /** A count that rises with each change that matters: that of a memory ledger. */
  readonly changes: () => number;
  readonly quietMs: number;
  /** Simulated time after which it gives up; default one day. */
  readonly mostMs?: number;
}

const dayMs = 86_400_000;

export function createSimulatedClock(options: SimulatedClockOptions = {}): SimulatedClock {
  const random = seededRandom(options.seed ?? 1);
  const sleepers = new Sleepers(options.start ?? Date.UTC(2026, 0, 1));
  const idle = idleOf(() => sleepers.asked, options.idleTurns ?? 4);
  const wake = async (at: number): Promise<void> => {
    sleepers.jumpTo(at);
    await idle();
  };
  /** Jumps to the next sleeper that wakes until then. */
  const advanceUntil = async (end: number): Promise<boolean> => {
    await idle();
    const next = sleepers.next;
    if (next === null || next > end) return false;
    await wake(next);
    return true;
  };
  const passUntil = async (end: number): Promise<void> => {
    while (await advanceUntil(end));
    await wake(end);
  };
  return {
    now: () => sleepers.ask(),
    sleep: (ms, signal) => sleepers.sleep(ms, signal),
    random: () => random.next(),
    bytes: (length) => random.bytes(length),
    get sleepers() {
      return sleepers.count;
    },
    get nextWake() {
      return sleepers.next;
    },
    idle,
    advance: () => advanceUntil(Infinity),
    pass: (ms) => passUntil(sleepers.time + ms),
    runUntil: async (condition, { mostMs }) => {
      const end = sleepers.time + mostMs;
      await idle();
      while (!(await condition())) if (!(await advanceUntil(end))) return sleepers.next === null ? 'asleep' : 'late';
      return 'held';
    },
    settle: async ({ changes, quietMs, mostMs = dayMs }) => {
      const end = sleepers.time + mostMs;
      let seen: number;
      let quietFrom: number;
      const look = (): void => {
        seen = changes();
        quietFrom = sleepers.time;
      };
      await idle();
      look();
      return 'quiet';
    },
  };
}
