import type { TemplateScopes } from '../compile-template.ts';
import type { Scope, StatusFunctions } from '../scope.ts';
import type { Value } from '../value.ts';

const doc = { markdown: '# Hi', parts: [{ markdown: 'one' }] };
const docs = [{ markdown: 'one' }, { markdown: 'two' }];
const trigger = { type: 'cron', time: '2026-01-31T09:30:00.000Z' };
const texts = new Map<object, string>([...[doc, ...docs].map((each) => [each, each.markdown] as const), [trigger, trigger.time]]);

const item = {
  n: 1.5,
  ok: true,
  none: null,
  list: [1, 'x'],
  empty: [],
  map: { X: 1 },
  evil: '${{ secrets.TOKEN }}',
  half: '$',
};

export const templateContexts = ['satellites', 'item', 'vars', 'trigger', 'doc', 'docs', 'secrets'];

function scope(output: Value, status: StatusFunctions | undefined): Scope {
  const contexts = { satellites: { read: { output } }, item, vars: {}, trigger, doc, docs };
  return { contexts, now: trigger.time, status, text: (value) => texts.get(value) };
}

const statuses: Readonly<Record<string, StatusFunctions>> = {
  success: { success: () => true, failure: () => false, always: () => true, cancelled: () => false },
  failure: {
    success: (steps) => steps.includes('read'),
    failure: (steps) => !steps.includes('read'),
    always: () => true,
    cancelled: () => false,
  },
};

/** What the rows of the templates and conditions are evaluated against. */
export function templateScopes(status?: string): TemplateScopes {
  const functions = status === undefined ? undefined : statuses[status];
  return { whole: scope([{ name: 'a' }, { name: 'b' }], functions), one: scope({ name: 'b' }, functions) };
}
