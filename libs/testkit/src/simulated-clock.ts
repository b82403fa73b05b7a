import { setImmediate as nextTurn } from 'node:timers/promises';
import { InternalError } from '@exosphere/model';
import type { Clock } from '@exosphere/ports';
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
 * seen: a test that has some waits for it before it lets time pass. Whole ms only. One driver at a time (`advance`, `pass`, …).
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
  /** Jumps from sleeper to sleeper until the condition holds. */
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

const dayMs = 86_400_000;
/** After so many turns of the event loop without a pause, or so many jumps without time passing, something runs in circles. */
const mostTurns = 100_000;
const mostStillJumps = 10_000;

export function createSimulatedClock(options: SimulatedClockOptions = {}): SimulatedClock {
  const random = seededRandom(options.seed ?? 1);
  const sleepers = new Sleepers(options.start ?? Date.UTC(2026, 0, 1));
  const idle = (): Promise<void> => untilIdle(() => sleepers.asked, options.idleTurns ?? 4);
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
    ...driversOf(sleepers, idle),
  };
}

function driversOf(sleepers: Sleepers, idle: () => Promise<void>): Pick<SimulatedClock, 'advance' | 'pass' | 'runUntil' | 'settle'> {
  let still = 0;
  /** Jumps to the next sleeper, if it wakes up by then. */
  const advance = async (end = Infinity): Promise<boolean> => {
    await idle();
    const { next, time } = sleepers;
    if (next === null || next > end) return false;
    still = next > time ? 0 : still + 1;
    if (still > mostStillJumps) throw new InternalError('somebody sleeps for 0 ms again and again: time does not pass');
    sleepers.jump(next);
    await idle();
    return true;
  };
  return {
    advance: () => advance(),
    pass: async (ms) => {
      const end = sleepers.time + ms;
      while (await advance(end));
      sleepers.jump(end);
    },
    runUntil: async (condition, { mostMs }) => {
      const end = sleepers.time + mostMs;
      await idle();
      while (!(await condition())) {
        if (await advance(end)) continue;
        if (sleepers.next === null) return 'asleep';
        sleepers.jump(end);
        return 'late';
      }
      return 'held';
    },
    settle: async ({ changes, quietMs, mostMs = dayMs }) => {
      await idle();
      const end = sleepers.time + mostMs;
      let seen = changes();
      let quietAt = sleepers.time + quietMs;
      while (await advance(Math.min(quietAt, end))) {
        if (changes() === seen) continue;
        seen = changes();
        quietAt = sleepers.time + quietMs;
      }
      sleepers.jump(Math.min(quietAt, end));
      return quietAt <= end ? 'quiet' : 'restless';
    },
  };
}

async function untilIdle(asked: () => number, idleTurns: number): Promise<void> {
  let quiet = 0;
  for (let turn = 0; quiet < idleTurns; turn += 1) {
    if (turn > mostTurns) throw new InternalError('the process is never idle: somebody asks the clock in every turn');
    const before = asked();
    await nextTurn();
    quiet = asked() === before ? quiet + 1 : 0;
  }
}
