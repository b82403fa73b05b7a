import type { Connections, OnWarning } from '../database/pools.ts';
import { statement } from '../database/statement.ts';
import type { Partitions } from '../runs/partitions.ts';
import type { WakeUpQueue } from '../wake-ups/boss-queue.ts';
import { claimChore } from './claim-chore.query.ts';
import { dropOldRuns } from './drop-old-runs.ts';

const everyMs = 60_000;
const retentionEveryMs = 3_600_000;

/** What has to be done now and then, by one process for all. */
export interface Upkeep {
  /** Begins it, if it is time and nobody else has; what fails is a warning, and is done the next time. */
  tick(): void;
  /** Does all of it now. */
  now(): Promise<void>;
  close(): Promise<void>;
}

export interface UpkeepParts {
  readonly connections: Connections;
  readonly partitions: Partitions;
  readonly queue: WakeUpQueue;
  readonly onWarning: OnWarning;
}

const forgetRates = statement<Record<string, unknown>>('forget rates', 'delete from exosphere.rate_use where expires_at < now()');

export function upkeepOf({ connections, partitions, queue, onWarning }: UpkeepParts): Upkeep {
  const ending = new AbortController();
  let next = performance.now() + everyMs;
  let underWay: Promise<void> = Promise.resolve();
  const often = async (): Promise<void> => {
    await partitions.ensureAhead();
    await connections.query(forgetRates, []);
    await queue.maintain();
  };
  const claimed = async (): Promise<void> => {
    if (await claimChore(connections, 'upkeep', everyMs * 0.9)) await often();
    if (await claimChore(connections, 'retention', retentionEveryMs)) await dropOldRuns(connections, ending.signal);
  };
  return {
    tick: () => {
      if (performance.now() < next) return;
      next = performance.now() + everyMs;
      underWay = claimed().catch((cause: unknown) =>
        onWarning({ message: 'the upkeep of the database failed; it is done again in a minute', cause }),
      );
    },
    now: async () => {
      await often();
      await dropOldRuns(connections, ending.signal);
    },
    close: () => {
      ending.abort();
      return underWay;
    },
  };
}
