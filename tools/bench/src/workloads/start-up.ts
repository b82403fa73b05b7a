import type { Workload } from '../measure/workload.ts';

export const startUpWorkload: Workload = {
  id: 'W8',
  title: 'Start-up',
  description:
    '`exo run` of a cluster of one step in a folder where nothing was ever run: the data of the embedded PostgreSQL are made, the server is started, the schema created, the satellite built and run in an isolate, the server stopped.',
  metrics: [
    { key: 'first_step_s', label: 's to the first step', digits: 2 },
    { key: 'end_s', label: 's to the end', digits: 2 },
  ],
  executions: null,
  contenders: [
    {
      name: 'exo run',
      isPeer: false,
      needs: 'nothing',
      withoutCosts: true,
      load: async () => (await import('../exosphere/start-up.ts')).openStartUp,
    },
  ],
  goals: [{ contender: 'exo run', metric: 'first_step_s', side: 'at-most', than: { kind: 'figure', figure: 2.5 } }],
};
