import type { Workload } from '../measure/workload.ts';
import { fanOutItems, fanOutSteps, fanOutTotal } from './sizes.ts';

const exosphere = { isPeer: false, needs: 'postgres' } as const;
const postgresPeer = { isPeer: true, needs: 'postgres' } as const;

export const fanOutWorkload: Workload = {
  id: 'W1',
  title: 'Fan-out',
  description:
    `One root hands on ${fanOutItems.toLocaleString('en')} items, each of which goes through ${fanOutSteps} steps that do nothing: ${fanOutTotal.toLocaleString('en')} executions, from the trigger to the end of the run. ` +
    '`engine` runs the satellite in the process of the worker, for the executor alone. `isolate` runs it in isolates of a sandbox process, as in production, with the checks of its schemas; ' +
    '`isolate-logging` also writes one log record for each execution. Exosphere keeps the status, times, attempts, lineage and output of each execution. The peers keep nothing: a job that is done is deleted.',
  metrics: [{ key: 'per_second', label: 'executions/s', digits: 0 }],
  executions: fanOutTotal,
  contenders: [
    {
      name: 'engine',
      ...exosphere,
      load: async () => (await import('../exosphere/fan-out.ts')).exosphereFanOut('in-process', 'bench/no-op'),
    },
    {
      name: 'isolate',
      ...exosphere,
      load: async () => (await import('../exosphere/fan-out.ts')).exosphereFanOut('isolate', 'bench/no-op'),
    },
    {
      name: 'isolate-logging',
      ...exosphere,
      load: async () => (await import('../exosphere/fan-out.ts')).exosphereFanOut('isolate', 'bench/no-op-with-log'),
    },
    { name: 'graphile-worker', ...postgresPeer, load: async () => (await import('../peers/graphile-worker.ts')).openGraphileFanOut },
    { name: 'pg-boss', ...postgresPeer, load: async () => (await import('../peers/pg-boss.ts')).openPgBossFanOut },
    { name: 'BullMQ', isPeer: true, needs: 'redis', load: async () => (await import('../peers/bullmq.ts')).openBullFanOut },
  ],
  goals: [
    { contender: 'engine', metric: 'per_second', side: 'at-least', than: { kind: 'figure', figure: 50_000 } },
    {
      contender: 'engine',
      metric: 'per_second',
      side: 'at-least',
      than: { kind: 'times', factor: 1.5, of: 'W1 graphile-worker', metric: 'per_second' },
    },
    { contender: 'isolate', metric: 'per_second', side: 'at-least', than: { kind: 'figure', figure: 30_000 } },
    {
      contender: 'isolate',
      metric: 'per_second',
      side: 'at-least',
      than: { kind: 'times', factor: 2, of: 'W1 BullMQ', metric: 'per_second' },
    },
  ],
};
