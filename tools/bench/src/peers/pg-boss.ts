import { PgBoss } from 'pg-boss';
import type { Job } from 'pg-boss';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { OpenContenderIn } from '../measure/contender.ts';
import type { ChainTimes } from '../workloads/chain-measures.ts';
import { chainMeasures } from '../workloads/chain-measures.ts';
import { chainRepeats, chainSteps, fanOutItems, fanOutSteps, fanOutTotal } from '../workloads/sizes.ts';

interface Payload {
  readonly n: number;
  /** 0: the root. */
  readonly step: number;
}

const queue = 'steps';
const batchSize = 500;
/** Batches under way at once: two were the fastest. */
const loops = 2;

async function openBoss(databaseUrl: string, useListenNotify: boolean): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString: databaseUrl, schedule: false, useListenNotify });
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${String(error)}\n`));
  await boss.start();
  await boss.createQueue(queue, { notify: useListenNotify });
  return boss;
}

/** W1, tuned: batches of 500 that are fetched, followed and completed without waiting for a poll. It keeps no results. */
export const openPgBossFanOut: OpenContenderIn = async ({ databaseUrl }) => {
  const boss = await openBoss(databaseUrl, false);
  return {
    measure: async () => {
      let left = fanOutTotal;
      const began = performance.now();
      await boss.send(queue, { n: 0, step: 0 } satisfies Payload);
      const loop = async (): Promise<void> => {
        while (left > 0) {
          const jobs = await boss.fetch<Payload>(queue, { batchSize });
          if (jobs.length === 0) {
            await turn();
            continue;
          }
          const following = jobs.flatMap(followersOf);
          if (following.length > 0) await boss.insert(queue, [...following]);
          await boss.complete(queue, jobs.map((job) => job.id)); // prettier-ignore
          left -= jobs.length;
        }
      };
      await Promise.all(Array.from({ length: loops }, loop));
      return { per_second: (fanOutTotal * 1_000) / (performance.now() - began) };
    },
    close: () => boss.stop({ graceful: false }),
  };
};

function followersOf({ data: { n, step } }: Job<Payload>): readonly { data: Payload }[] {
  if (step === 0) return Array.from({ length: fanOutItems }, (_, item) => ({ data: { n: item, step: 1 } }));
  return step < fanOutSteps ? [{ data: { n, step: step + 1 } }] : [];
}

/** W2: one job after another, woken by NOTIFY. */
export const openPgBossChain: OpenContenderIn = async ({ databaseUrl }) => {
  const boss = await openBoss(databaseUrl, true);
  let starts: number[] = [];
  await boss.work<Payload>(queue, { pollingIntervalSeconds: 0.5, batchSize: 1 }, async ([job]) => {
    starts.push(performance.now());
    if (job !== undefined && job.data.step < chainSteps) await boss.send(queue, { n: 0, step: job.data.step + 1 } satisfies Payload);
  });
  const once = async (): Promise<ChainTimes> => {
    starts = [];
    const triggeredAt = performance.now();
    await boss.send(queue, { n: 0, step: 1 } satisfies Payload);
    while (starts.length < chainSteps) await sleep(2);
    return { triggeredAt, starts };
  };
  return { measure: () => chainMeasures(chainRepeats, once), close: () => boss.stop({ graceful: false }) };
};
