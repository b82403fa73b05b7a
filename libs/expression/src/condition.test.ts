import { describe, expect, it } from 'vitest';
import conditions from '../testdata/conditions.json' with { type: 'json' };
import { compileCondition, evaluateCondition } from './condition.ts';
import { ExpressionError } from './expression-error.ts';
import { templateContexts, templateScopes } from './testing/template-scopes.ts';

const options = { contexts: templateContexts };

describe('an if', () => {
  describe.each(conditions)('when $about', ({ status, rows }) => {
    it.each(rows.map(([text, holds]) => [String(text), holds] as const))('%j', (text, holds) => {
      expect(evaluateCondition(compileCondition(text, options), templateScopes(status)).holds).toBe(holds);
    });
  });

  it.each([
    ['', { alwaysTrue: false, callsStatusFunction: true }],
    ['item.n', { alwaysTrue: false, callsStatusFunction: false }],
    ['${{ item.n }}', { alwaysTrue: false, callsStatusFunction: false }],
    ["$${{ failure('read') }}", { alwaysTrue: false, callsStatusFunction: true }],
    ['${{ item.n }} == 1', { alwaysTrue: true, callsStatusFunction: false }],
    ['${{ always() }} == 1', { alwaysTrue: true, callsStatusFunction: true }],
  ])('%j says what is known of it without data', (text, known) => {
    expect(compileCondition(text, options)).toMatchObject(known);
  });

  it('keeps its expressions with their places, the bare one too', () => {
    const [bare] = compileCondition('  item.n > 1 ', options).placeholders;
    expect(bare).toMatchObject({ form: 'whole', source: 'item.n > 1', start: 2, end: 12, sourceStart: 2 });
    expect(compileCondition('${{ item.n }} && ${{ item.ok }}', options).placeholders.map(({ source }) => source)).toEqual([
      'item.n',
      'item.ok',
    ]);
  });

  it('keeps the value it gave', () => {
    expect(evaluateCondition(compileCondition('item.list', options), templateScopes('success'))).toEqual({ holds: true, value: [1, 'x'] });
    expect(evaluateCondition(compileCondition('item.list', options), templateScopes('failure'))).toEqual({ holds: false, value: false });
  });

  it('refuses a mistake with its place in the text', () => {
    try {
      compileCondition('  item.n >', options);
      expect.unreachable('it was expected to fail');
    } catch (error) {
      expect(error).toBeInstanceOf(ExpressionError);
      expect(error).toMatchObject({ code: 'unexpected-end', offset: 7, textOffset: 9 });
    }
  });

  it('needs a scope that knows the status', () => {
    expect(() => evaluateCondition(compileCondition('item.n', options), templateScopes())).toThrow(/status functions/);
  });
});
