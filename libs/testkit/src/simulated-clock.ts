import type { Clock } from '@exosphere/ports';
import { drive, pass, runUntil, settle, steppedTime } from './drive-time.ts';
import { seededRandom } from './seeded-random.ts';
import { Sleepers } from './sleepers.ts';

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
 * What runs is seen by turns of the event loop: promises, and chains of immediates up to `idleTurns` long. Real I/O and real timers are not
 * seen: a test that has some waits for it before it lets time pass. Whole ms only.
 *
 * Time passes only while a test drives it. A test that waits itself for somebody who sleeps (a ledger with a latency, a worker that drains)
 * does so within `drive`.
 */
export interface SimulatedClock extends Clock {
  /** How many sleep. */
  readonly sleepers: number;
  /** When the next one wakes up, ms since 1970; null: none does. */
  readonly nextWake: number | null;
  /** Lets run what can run without time passing. */
  idle(): Promise<void>;
  /** Jumps to the next sleeper, and lets run what it does; all that wake up at the same ms do so together. False: nobody sleeps. */
  advance(): Promise<boolean>;
  /** Lets so many ms pass, sleeper by sleeper. */
  pass(ms: number): Promise<void>;
  /** Lets time pass while the work is under way, and answers as it does. Fails if nobody sleeps whom it could wait for, or at the limit (default one day). */
  drive<T>(work: () => Promise<T>, limit?: { readonly mostMs?: number }): Promise<T>;
  /** Jumps from sleeper to sleeper until the condition holds; a condition that waits itself is driven. */
  runUntil(condition: () => boolean | Promise<boolean>, limit: { readonly mostMs: number }): Promise<RunEnd>;
  /**
   * Lets everything happen until nothing has changed for `quietMs`. Sleepers that wake up only to look for work, or to renew a lease, do
   * not keep it going; what waits longer than `quietMs` for its time does not happen.
   */
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

/** Makes a clock whose time stands still until a test drives it. */
export function createSimulatedClock(options: SimulatedClockOptions = {}): SimulatedClock {
  const random = seededRandom(options.seed ?? 1);
  const sleepers = new Sleepers(options.start ?? Date.UTC(2026, 0, 1));
  const time = steppedTime(sleepers, options.idleTurns ?? 4);
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
    idle: time.idle,
    advance: () => time.advance(Infinity),
    pass: (ms) => pass(time, ms),
    drive: (work, { mostMs = dayMs } = {}) => drive(time, work, mostMs),
    runUntil: (condition, { mostMs }) => runUntil(time, condition, mostMs),
    settle: (until) => settle(time, { mostMs: dayMs, ...until }),
  };
}

const dayMs = 86_400_000;
