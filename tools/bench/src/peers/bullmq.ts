import { Queue, Worker } from 'bullmq';
import type { Job } from 'bullmq';
import type { OpenContenderIn } from '../measure/contender.ts';
import type { ChainTimes } from '../workloads/chain-measures.ts';
import { chainMeasures } from '../workloads/chain-measures.ts';
import { chainRepeats, chainSteps, fanOutItems, fanOutSteps, fanOutTotal } from '../workloads/sizes.ts';

interface Payload {
  readonly n: number;
  /** 0: the root. */
  readonly step: number;
}

/** What its processor is given: the queue to add to, and the payload. */
type Process = (queue: Queue<Payload>, payload: Payload) => Promise<unknown>;

interface OpenQueue {
  readonly queue: Queue<Payload>;
  /** Waits until so many jobs are done from now on. */
  done(count: number): Promise<void>;
  close(): Promise<void>;
}

const name = 'steps';
const kept = { removeOnComplete: true, removeOnFail: true } as const;

async function openQueue(port: number | null, concurrency: number, process: Process): Promise<OpenQueue> {
  if (port === null) throw new TypeError('BullMQ needs a Redis');
  const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null, enableAutoPipelining: true };
  const queue = new Queue<Payload>(name, { connection, defaultJobOptions: kept });
  const worker = new Worker<Payload>(name, (job: Job<Payload>) => process(queue, job.data), { connection, concurrency });
  await worker.waitUntilReady();
  let left = 0;
  let tell: () => void = () => undefined;
  worker.on('completed', () => {
    left -= 1;
    if (left === 0) tell();
  });
  return {
    queue,
    done: (count) => {
      left = count;
      return new Promise((resolve) => {
        tell = resolve;
      });
    },
    close: async () => {
      await worker.close();
      await queue.close();
    },
  };
}

/** W1: each job adds the one that follows; Redis writes to its disk every second. It keeps no results. */
export const openBullFanOut: OpenContenderIn = async ({ redisPort }) => {
  const open = await openQueue(redisPort, 500, async (queue, { n, step }) => {
    if (step === 0) return queue.addBulk(Array.from({ length: fanOutItems }, (_, item) => ({ name, data: { n: item, step: 1 } })));
    return step < fanOutSteps ? queue.add(name, { n, step: step + 1 }) : null;
  });
  return {
    measure: async () => {
      const began = performance.now();
      const done = open.done(fanOutTotal);
      await open.queue.add(name, { n: 0, step: 0 });
      await done;
      return { per_second: (fanOutTotal * 1_000) / (performance.now() - began) };
    },
    close: () => open.close(),
  };
};

/** W2: each job adds the one that follows. */
export const openBullChain: OpenContenderIn = async ({ redisPort }) => {
  let starts: number[] = [];
  const open = await openQueue(redisPort, 1, async (queue, { n, step }) => {
    starts.push(performance.now());
    return step < chainSteps ? queue.add(name, { n, step: step + 1 }) : null;
  });
  const once = async (): Promise<ChainTimes> => {
    starts = [];
    const done = open.done(chainSteps);
    const triggeredAt = performance.now();
    await open.queue.add(name, { n: 0, step: 1 });
    await done;
    return { triggeredAt, starts };
  };
  return { measure: () => chainMeasures(chainRepeats, once), close: () => open.close() };
};
