import type { Workload } from '../measure/workload.ts';
import { fanInInner, fanInItems, fanInOuter } from './sizes.ts';

const exosphere = { isPeer: false, needs: 'postgres' } as const;

export const fanInWorkload: Workload = {
  id: 'W5',
  title: 'Fan-in',
  description:
    `\`collect: run\` gathers ${fanInItems.toLocaleString('en')} items in one execution, which reads all of them; \`collect: outer\` gathers ${fanInInner} items for each of ${fanInOuter.toLocaleString('en')}. ` +
    'Each gathering must happen exactly once, or there is no figure. The satellite runs in the process of the worker.',
  metrics: [{ key: 'per_second', label: 'executions/s', digits: 0 }],
  executions: null,
  contenders: [
    { name: 'collect: run', ...exosphere, load: async () => (await import('../exosphere/fan-in.ts')).exosphereFanIn('all') },
    { name: 'collect: outer', ...exosphere, load: async () => (await import('../exosphere/fan-in.ts')).exosphereFanIn('each') },
  ],
  goals: ['collect: run', 'collect: outer'].map((contender) => ({
    ...{ contender, metric: 'per_second', side: 'at-least' },
    than: { kind: 'times', factor: 0.7, of: 'W1 engine', metric: 'per_second' },
  })),
};
