import type { Workload } from '../measure/workload.ts';
import { containerItems } from './sizes.ts';

export const containersWorkload: Workload = {
  id: 'W4',
  title: 'Containers',
  description:
    '`cold`: one execution in a container of its own, from the call to the answer (`runtime`: sealed, its container removed meanwhile), beside the same container by hand: created, started, waited for, removed (`Engine API`, with the defaults of Docker). ' +
    `The others go to one warm container with a satellite that does nothing: one request at a time, a hundred at once, ${containerItems.toLocaleString('en')} items. The \`Engine API\` has a shell's \`cat\` in their place, which says no more than that a line came through.`,
  metrics: [
    { key: 'cold_ms', label: 'cold, ms', digits: 0 },
    { key: 'round_trip_ms', label: 'round trip, ms', digits: 2 },
    { key: 'hundred_ms', label: '100 at once, ms', digits: 1 },
    { key: 'per_second', label: 'items/s, warm', digits: 0 },
  ],
  executions: null,
  contenders: [
    { name: 'runtime', isPeer: false, needs: 'containers', load: async () => (await import('../exosphere/containers.ts')).openContainers },
    { name: 'Engine API', isPeer: true, needs: 'containers', load: async () => (await import('../peers/engine-api.ts')).openEngineApi },
  ],
  goals: [
    {
      contender: 'runtime',
      metric: 'cold_ms',
      side: 'at-most',
      than: { kind: 'times', factor: 1.3, of: 'W4 Engine API', metric: 'cold_ms' },
    },
    { contender: 'runtime', metric: 'per_second', side: 'at-least', than: { kind: 'figure', figure: 5_000 } },
  ],
};
