import contexts from '../../testdata/contexts.json' with { type: 'json' };
import type { Scope } from '../scope.ts';

/** What the rows of `testdata` are evaluated against. */
export const languageScope: Scope = {
  contexts,
  now: '2026-01-31T09:30:00.000Z',
  status: {
    success: (steps) => !steps.includes('b'),
    failure: (steps) => steps.includes('b'),
    always: () => true,
    cancelled: () => false,
  },
  functions: { jsonpath: ([value = null, path = null]) => [path, value] },
};
