import type { Workload } from '../measure/workload.ts';
import { chainRepeats, chainSteps } from './sizes.ts';

const exosphere = { isPeer: false, needs: 'postgres' } as const;
const postgresPeer = { isPeer: true, needs: 'postgres' } as const;

export const chainWorkload: Workload = {
  id: 'W2',
  title: 'Chain',
  description:
    `One item goes through ${chainSteps} steps that do nothing, one after another; a step begins when the result of the one before is on the disk. ` +
    'A step is the time between the beginnings of two steps; the first step is the time from the trigger to its beginning, of which the worker hears as it would from another process. ' +
    `A measurement is ${chainRepeats} such runs.`,
  metrics: [
    { key: 'step_ms', label: 'ms a step (median)', digits: 2 },
    { key: 'mean_step_ms', label: 'ms a step (mean)', digits: 2 },
    { key: 'first_step_ms', label: 'ms to the first step', digits: 1 },
    { key: 'per_second', label: 'steps/s', digits: 0 },
  ],
  executions: chainSteps * chainRepeats,
  contenders: [
    { name: 'engine', ...exosphere, load: async () => (await import('../exosphere/chain.ts')).exosphereChain('in-process') },
    { name: 'isolate', ...exosphere, load: async () => (await import('../exosphere/chain.ts')).exosphereChain('isolate') },
    { name: 'graphile-worker', ...postgresPeer, load: async () => (await import('../peers/graphile-worker.ts')).openGraphileChain },
    { name: 'pg-boss', ...postgresPeer, load: async () => (await import('../peers/pg-boss.ts')).openPgBossChain },
    { name: 'BullMQ', isPeer: true, needs: 'redis', load: async () => (await import('../peers/bullmq.ts')).openBullChain },
  ],
  goals: [
    { contender: 'engine', metric: 'step_ms', side: 'at-most', than: { kind: 'figure', figure: 0.7 } },
    { contender: 'engine', metric: 'first_step_ms', side: 'at-most', than: { kind: 'figure', figure: 5 } },
  ],
};
