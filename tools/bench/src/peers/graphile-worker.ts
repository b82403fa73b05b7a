import { setTimeout as sleep } from 'node:timers/promises';
import type { AddJobsJobSpec, Runner, TaskList } from 'graphile-worker';
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import type { OpenContenderIn } from '../measure/contender.ts';
import type { ChainTimes } from '../workloads/chain-measures.ts';
import { chainMeasures } from '../workloads/chain-measures.ts';
import { chainRepeats, chainSteps, fanOutItems, fanOutSteps, fanOutTotal } from '../workloads/sizes.ts';
import { inGroups } from './in-groups.ts';

interface Payload {
  readonly n: number;
  readonly step: number;
}

const quiet = new Logger(() => () => undefined);
const job = (n: number, step: number): AddJobsJobSpec => ({ identifier: 'step', payload: { n, step } });

/**
 * W1, tuned: 500 jobs in the local queue, as many at a time, completions in batches, and the jobs that follow added in batches, too. A
 * job is done when its row is gone. It keeps no results.
 */
export const openGraphileFanOut: OpenContenderIn = async ({ databaseUrl }) => {
  const pool = openPool(databaseUrl);
  const adder = await makeWorkerUtils({ pgPool: pool, logger: quiet });
  await adder.migrate();
  const follow = inGroups<AddJobsJobSpec>((group) => adder.addJobs([...group]));
  let left = 0;
  const tasks: TaskList = {
    root: async (_, { addJobs }) => {
      await addJobs(Array.from({ length: fanOutItems }, (_item, n) => job(n, 1)));
    },
    step: async (payload) => {
      const { n, step } = payload as Payload; // as added here
      if (step < fanOutSteps) await follow(job(n, step + 1));
      else left -= 1;
    },
  };
  const worker = await run({
    pgPool: pool,
    taskList: tasks,
    noHandleSignals: true,
    logger: quiet,
    preset: { worker: { concurrentJobs: 500, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  });
  return {
    measure: async () => {
      left = fanOutItems;
      const began = performance.now();
      await worker.addJob('root', {});
      while (left > 0 || (await countJobs(pool)) > 0) await sleep(2);
      return { per_second: (fanOutTotal * 1_000) / (performance.now() - began) };
    },
    close: async () => {
      await adder.release();
      await closeAll(worker, pool);
    },
  };
};

/** W2: one job after another, each added by the one before, woken by NOTIFY. */
export const openGraphileChain: OpenContenderIn = async ({ databaseUrl }) => {
  const pool = openPool(databaseUrl);
  let starts: number[] = [];
  const tasks: TaskList = {
    step: async (payload, { addJob }) => {
      starts.push(performance.now());
      const { n, step } = payload as Payload; // as added here
      if (step < chainSteps) await addJob('step', { n, step: step + 1 });
    },
  };
  const worker = await run({ pgPool: pool, taskList: tasks, noHandleSignals: true, logger: quiet, concurrency: 2 });
  const once = async (): Promise<ChainTimes> => {
    starts = [];
    const triggeredAt = performance.now();
    await worker.addJob('step', { n: 0, step: 1 });
    while (starts.length < chainSteps || (await countJobs(pool)) > 0) await sleep(2);
    return { triggeredAt, starts };
  };
  return { measure: () => chainMeasures(chainRepeats, once), close: () => closeAll(worker, pool) };
};

function openPool(databaseUrl: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
  const lost = (error: Error): void => void process.stderr.write(`graphile-worker: ${error.message}\n`);
  pool.on('error', lost).on('connect', (client) => client.on('error', lost));
  return pool;
}

async function countJobs(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ left: number }>('select count(*)::int as left from graphile_worker._private_jobs');
  return rows[0]?.left ?? 0;
}

async function closeAll(worker: Runner, pool: pg.Pool): Promise<void> {
  await worker.stop();
  await pool.end();
}
