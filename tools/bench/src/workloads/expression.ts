import type { Workload } from '../measure/workload.ts';

export const expressionWorkload: Workload = {
  id: 'W7',
  title: 'Expressions',
  description:
    "A thousand templates evaluated a million times, beside the npm package of GitHub's own language (`@actions/expressions`). Both have their templates compiled and their data in the form that they like best. Medians of five interleaved rounds.",
  metrics: [
    { key: 'template_us', label: 'µs a template', digits: 2 },
    { key: 'peer_template_us', label: "µs, GitHub's package", digits: 2 },
    { key: 'per_second', label: 'templates/s', digits: 0 },
  ],
  executions: null,
  contenders: [
    {
      name: 'expression',
      isPeer: false,
      needs: 'nothing',
      mostRounds: 1,
      withoutCosts: true,
      load: async () => (await import('../exosphere/expression.ts')).openExpression,
    },
  ],
  goals: [
    {
      ...{ contender: 'expression', metric: 'template_us', side: 'at-most' },
      than: { kind: 'times', factor: 1, of: 'W7 expression', metric: 'peer_template_us' },
    },
  ],
};
