import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { InternalError } from '@exosphere/model';
import type { Ledger, LogReader } from '@exosphere/ports';
import { randomFrom } from './random-from.ts';
import type { Stage } from './play-case.ts';

/** A stage on a real ledger, in real time. Retries come at once: the jitter is always 0. */
export function ledgerStage(ledger: Ledger & LogReader, options: { seed: number; workers: number }): Stage {
  return {
    ledger,
    workers: options.workers,
    random: randomFrom(options.seed),
    clock: {
      now: () => Date.now(),
      sleep: async (ms, signal) => {
        await sleep(ms, undefined, { signal }).catch(() => undefined); // an aborted sleep ends early
      },
      random: () => 0,
      bytes: (length) => randomBytes(length),
    },
    until: async (condition, description) => {
      const limit = Date.now() + 20_000;
      // what moved a moment ago may move on: it must hold twice
      for (let held = 0; held < 2; held = (await condition()) ? held + 1 : 0) {
        if (Date.now() > limit) throw new InternalError(description());
        await sleep(10);
      }
    },
  };
}
