import { describe, expect, it } from 'vitest';
import { ExpressionError } from './expression-error.ts';
import { compileExpression, evaluate } from './expression.ts';
import { cpuMilliseconds } from './testing/cpu-time.ts';
import type { Value } from './value.ts';

const repeat = (count: number, text: string): string => text.repeat(count);

function codeOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof ExpressionError) return error.code;
    throw error;
  }
}

/** The error of a call and the time it took: the best of three, since the first one pays for the compiler. */
function failure(source: string, inputs: Value = {}): { code: string | undefined; milliseconds: number } {
  let code: string | undefined;
  let milliseconds = Infinity;
  for (let round = 0; round < 3; round += 1) {
    const spent = cpuMilliseconds(() => {
      code = codeOf(() => evaluate(compileExpression(source), { contexts: { inputs } }));
    });
    milliseconds = Math.min(milliseconds, spent);
  }
  return { code, milliseconds };
}

const million = Array.from({ length: 1_000_000 }, (_, at) => at);
const long = repeat(4_000_000, 'a');
const bomb = Array.from({ length: 40 }).reduce<string>((inner) => `format('{0}{0}', ${inner})`, "'x'");

describe('the limits of the language', () => {
  it.each([
    ['a text of a megabyte', repeat(1_000_000, '1'), 'too-long'],
    ['21,001 characters', `'${repeat(20_999, 'x')}'`, 'too-long'],
    ['100,000 terms', Array.from({ length: 100_000 }, () => '1').join(' + '), 'too-long'],
    ['a million arguments', `format(${repeat(1_000_000, '1,')}1)`, 'too-long'],
    ['10,000 arguments', `format(${repeat(10_000, '1,')}1)`, 'too-many-arguments'],
    ['20,000 negations', `${repeat(20_000, '!')}1`, 'too-deep'],
    ['10,000 nested lists', repeat(10_000, '[') + repeat(10_000, ']'), 'too-deep'],
    ['3,000 nested objects', `${repeat(3_000, '{a:')}1${repeat(3_000, '}')}`, 'too-deep'],
    ['10,000 accesses', `inputs${repeat(10_000, '.a')}`, 'too-deep'],
    ['2,000 indexes', `${repeat(2_000, 'inputs[')}1${repeat(2_000, ']')}`, 'too-deep'],
    ['2,000 choices', `${repeat(2_000, '1 ? 1 : ')}1`, 'too-deep'],
    ['20,000 open brackets', repeat(20_000, '('), 'unexpected-end'],
    ['20,000 quotes', repeat(20_001, "'"), 'unexpected-symbol'],
    ['a text doubled forty times', bomb, 'too-much-memory'],
    ['a sort of a million items, again and again', 'first(sort(inputs.list)) && sort(inputs.list)', 'too-much-work'],
  ])('EXP-07: %s is refused within 50 ms', (_what, source, code) => {
    const refused = failure(source, { list: million });
    expect(refused.code).toBe(code);
    expect(refused.milliseconds).toBeLessThan(50);
  });

  it.each([
    ['a filter over all, again and again', 'inputs.list.* && inputs.list.* && inputs.list.*', { list: million }, 'too-much-memory'],
    ['a join of all', 'join(inputs.list, inputs.text)', { list: million, text: repeat(1_000, 'x') }, 'too-much-memory'],
    [
      'a replacement that grows',
      "replace(inputs.text, 'a', inputs.by)",
      { text: repeat(100_000, 'a'), by: repeat(1_000, 'b') },
      'too-much-memory',
    ],
    ['a text in base64', 'base64(inputs.text) && base64(inputs.text)', { text: long }, 'too-much-memory'],
    ['many comparisons of long texts', repeat(900, "inputs.text == 'x' || "), { text: long }, 'unexpected-end'],
    ['many readings of a long number', `${repeat(900, 'inputs.text == 1 || ')}1`, { text: `${repeat(4_000_000, '1')}x` }, 'too-much-work'],
    [
      'many searches in a list',
      `${repeat(400, "contains(inputs.list, 'x') || ")}1`,
      { list: Array.from({ length: 100_000 }, () => 'text') },
      'too-much-work',
    ],
    ['JSON that nests', 'fromJSON(inputs.text)', { text: repeat(100_000, '[') }, 'json-invalid'],
  ])('EXP-07: %s ends with an error before half a second', (_what, source, inputs, code) => {
    const refused = failure(source, inputs);
    expect(refused.code).toBe(code);
    expect(refused.milliseconds).toBeLessThan(500);
  });

  it('EXP-07: brackets may nest to the limit of length, since they add no depth', () => {
    expect(evaluate(compileExpression(`${repeat(3_000, '(')}1${repeat(3_000, ')')}`), { contexts: {} })).toBe(1);
    expect(evaluate(compileExpression(`${repeat(10_499, '(')}1${repeat(10_499, ')')}`), { contexts: {} })).toBe(1);
  });

  it('counts a chain of && or || as one level, through brackets too', () => {
    const chain = Array.from({ length: 3_000 }, () => '0').join(' || ');
    expect(evaluate(compileExpression(`${chain} || 7`), { contexts: {} })).toBe(7);
    expect(evaluate(compileExpression(`${repeat(100, '1 && (')}7${repeat(100, ')')}`), { contexts: {} })).toBe(7);
    expect(failure(`${repeat(100, '1 && (0 || (')}7${repeat(100, '))')}`).code).toBe('too-deep');
  });

  it.each([
    ['50 levels of negation', repeat(49, '!') + '1', undefined],
    ['51 levels of negation', repeat(50, '!') + '1', 'too-deep'],
    ['50 levels of access', `inputs${repeat(49, '.a')}`, undefined],
    ['51 levels of access', `inputs${repeat(50, '.a')}`, 'too-deep'],
    ['50 levels of comparison', `1${repeat(49, ' == 1')}`, undefined],
    ['51 levels of comparison', `1${repeat(50, ' == 1')}`, 'too-deep'],
    ['50 levels of calls', `${repeat(49, 'join(')}1${repeat(49, ')')}`, undefined],
    ['51 levels of calls', `${repeat(50, 'join(')}1${repeat(50, ')')}`, 'too-deep'],
    ['21,000 characters', `'${repeat(20_998, 'x')}'`, undefined],
    ['255 arguments', `format('{0}', ${repeat(253, '1,')}1)`, undefined],
    ['256 arguments', `format('{0}', ${repeat(254, '1,')}1)`, 'too-many-arguments'],
  ])('counts %s exactly', (_what, source, code) => {
    expect(failure(source).code).toBe(code);
  });

  it('charges what is made, and not what is read', () => {
    const text = repeat(8_000_000, 'x');
    const scope = { contexts: { inputs: { text, list: [text, text, text, text] } } };
    expect(evaluate(compileExpression('inputs.list'), scope)).toBe(scope.contexts.inputs.list);
    expect(evaluate(compileExpression('inputs.list[3]'), scope)).toBe(text);
    expect(evaluate(compileExpression('format(inputs.text)'), scope)).toBe(text);
    expect(() => evaluate(compileExpression("format('{0}{0}', inputs.text)"), scope)).toThrow(/maximum allowed memory size/);
  });

  it('names the expression that went over a limit', () => {
    const source = "format('{0}{0}{0}', inputs.text)";
    expect(() => evaluate(compileExpression(source), { contexts: { inputs: { text: long } } })).toThrow(
      `The maximum allowed memory size was exceeded while evaluating the following expression: ${source}`,
    );
  });

  it('walks data that contains itself, or nests too deeply, no further than it must', () => {
    const self: { me?: Value } = {};
    self.me = self;
    for (const source of ['toJSON(inputs)', "format('{0}', toJSON(inputs))", 'unique([inputs])', 'hash(inputs)', 'upper(inputs)']) {
      expect(failure(source, self as Value).code, source).toBe('too-nested');
    }
    expect(failure('inputs.me.me.me.me == inputs', self as Value).code).toBeUndefined();
  });
});
