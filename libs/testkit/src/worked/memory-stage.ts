import { setImmediate as nextTurn } from 'node:timers/promises';
import { ExosphereError, InternalError } from '@exosphere/model';
import type { MemoryLedger, MemoryLedgerOptions } from '../memory-ledger.ts';
import { createMemoryLedger } from '../memory-ledger.ts';
import type { SimulatedClock } from '../simulated-clock.ts';
import { createSimulatedClock } from '../simulated-clock.ts';
import type { Fates } from './crew.ts';
import type { Stage } from './play-case.ts';
import { randomFrom } from './random-from.ts';

export interface MemoryStageOptions extends Pick<MemoryLedgerOptions, 'faults' | 'latencyMs' | 'onCall'> {
  readonly seed: number;
  readonly workers: number;
  readonly fates?: Fates;
  readonly callMs?: number;
  /** How often (0 to 1) a satellite cannot be opened, and how many ms it takes at most where it can. */
  readonly opening?: { readonly unavailable: number; readonly mostMs: number };
}

/** How long a case may take, in simulated time. */
const mostMs = 6 * 3_600_000;

/** A stage in memory, in simulated time, which passes as long as the stage is open: the same seed gives the same order of work. */
export function memoryStage(options: MemoryStageOptions): Stage & { readonly ledger: MemoryLedger; readonly close: () => Promise<void> } {
  const { seed, workers, fates, callMs, opening, ...rest } = options;
  const clock = createSimulatedClock({ seed });
  const ledger = createMemoryLedger({ ...rest, clock, seed });
  const time = passTime(clock);
  return {
    ledger,
    clock,
    workers,
    ...(fates === undefined ? {} : { fates }),
    ...(callMs === undefined ? {} : { callMs }),
    ...(opening === undefined ? {} : { opens: opensAtTimes(clock, randomFrom(seed + 1), opening) }),
    random: randomFrom(seed),
    close: () => time.stop(),
    until: async (condition, description) => {
      const limit = clock.now() + mostMs;
      // what moved a moment ago may move on: it must hold over a few jumps
      for (let held = 0; held < 3; held = (await condition()) ? held + 1 : 0) {
        if (clock.now() > limit) throw new InternalError(description());
        await time.nextJump();
      }
    },
  };
}

/** A satellite that opens sometimes, and takes its time. */
function opensAtTimes(
  clock: SimulatedClock,
  random: () => number,
  { unavailable, mostMs: most }: NonNullable<MemoryStageOptions['opening']>,
): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    await clock.sleep(Math.floor(random() * most), signal);
    signal.throwIfAborted();
    if (random() < unavailable) throw new ExosphereError('runtime-unavailable', 'not now, says the test', { retryable: true });
  };
}

/** Lets simulated time pass in the background, from sleeper to sleeper. */
function passTime(clock: SimulatedClock): { nextJump: () => Promise<void>; stop: () => Promise<void> } {
  const end = new AbortController();
  let waiting: (() => void)[] = [];
  const passing = (async () => {
    while (!end.signal.aborted) {
      await clock.idle();
      const jumped = await clock.advance();
      const told = waiting;
      waiting = [];
      for (const tell of told) tell();
      if (!jumped) await nextTurn();
    }
  })();
  return {
    nextJump: () => new Promise((resolve) => waiting.push(resolve)),
    stop: async () => {
      end.abort();
      await passing;
    },
  };
}
