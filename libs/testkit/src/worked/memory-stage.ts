import { setImmediate as nextTurn } from 'node:timers/promises';
import { InternalError } from '@exosphere/model';
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
}

/** How long a case may take, in simulated time. */
const mostMs = 6 * 3_600_000;

/** A stage in memory, in simulated time, which passes as long as the stage is open: the same seed gives the same order of work. */
export function memoryStage(options: MemoryStageOptions): Stage & { readonly ledger: MemoryLedger; readonly close: () => Promise<void> } {
  const { seed, workers, fates, callMs, ...rest } = options;
  const clock = createSimulatedClock({ seed });
  const ledger = createMemoryLedger({ ...rest, clock, seed });
  const time = passTime(clock);
  return {
    ledger,
    clock,
    workers,
    ...(fates === undefined ? {} : { fates }),
    ...(callMs === undefined ? {} : { callMs }),
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
