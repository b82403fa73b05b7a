import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@exosphere/ports';

export const benchClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal }).catch(() => undefined); // an aborted sleep ends early
  },
  random: () => Math.random(),
  bytes: (length) => randomBytes(length),
};
