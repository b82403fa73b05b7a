import { compileTemplate, evaluateTemplate } from '@exosphere/expression';
import { describe, expect, it } from 'vitest';
import type { ExecutionFacts, ReadResult } from './contexts.ts';
import { buildScopes } from './contexts.ts';
import { languageOptions } from './language.ts';

const error = { satellite: 'parse', message: 'no PDF', code: 'pdf-invalid', attempts: 1 };
const other = { ...error, message: 'cut off' };
const trigger = { type: 'manual', time: '2026-01-02T03:04:05.000Z' };

function result(step: string, as: ReadResult['read']['as'], changes: Partial<ReadResult>): ReadResult {
  const none = {
    output: null,
    error: null,
    status: 'failed',
    retries: 0,
    metrics: null,
    startedAt: null,
    endedAt: null,
    parents: null,
  } as const;
  return { read: { step, as, attributes: ['error', 'output'] }, ...none, ...changes };
}

const facts: ExecutionFacts = {
  run: { cluster: { identifier: 'p/c', trigger }, trigger, inputs: {}, vars: { copy: { ...trigger } } },
  item: { a: 1 },
  execution: {},
  failure: { satellite: 'parse', error, attempts: 1, item: null },
  results: [
    result('parse', 'one', { error }),
    result('parse', 'whole', { error }),
    result('many', 'list', { output: [], error: [error, other] }),
  ],
  made: trigger.time,
  secrets: {},
  text: (object) => ('a' in object ? 'the item' : undefined),
  functions: {},
};

const textOf = (template: string): unknown => evaluateTemplate(compileTemplate(template, languageOptions), buildScopes(facts));

describe('an object in the middle of a text', () => {
  it.each([
    ['at ${{ cluster.trigger }}', 'at 2026-01-02T03:04:05.000Z'],
    ['at ${{ trigger }}', 'at 2026-01-02T03:04:05.000Z'],
    ['with ${{ satellites.parse.error }}', 'with no PDF'],
    ['with ${{ satellites.parse.output.error }}', 'with no PDF'],
    ['with $${{ satellites.parse.output.error }}', 'with no PDF'],
    ['with ${{ failure.error }}', 'with no PDF'],
    ['with ${{ null || failure.error }}', 'with no PDF'],
    ['with ${{ satellites.many.error }}', 'with no PDF\n\ncut off'],
    ['of ${{ item }}', 'of the item'],
    ['of ${{ vars.copy }}', 'of {"type":"manual","time":"2026-01-02T03:04:05.000Z"}'],
  ])('%s', (template, text) => {
    expect(textOf(template)).toBe(text);
  });

  it('stays an object where it is the whole value', () => {
    expect(textOf('${{ failure.error }}')).toEqual(error);
  });
});
