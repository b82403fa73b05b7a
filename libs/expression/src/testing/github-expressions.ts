import fc from 'fast-check';
import type { Value } from '../value.ts';

/** What expressions of the shared subset are evaluated against. */
export const githubContexts: Readonly<Record<string, Value>> = {
  a: {
    none: null,
    text: 'Hello World',
    number: 3,
    truth: true,
    list: [1, 'two', { k: 'v', K2: [1, 2] }, [3, 4], null],
    map: { k: 1, deep: { k: 'found' } },
  },
  b: [{ k: 1, list: ['p', 'q'] }, { k: 'two', list: ['r'] }, { j: 1 }, 'text', [1, 2]],
  e: '',
};

const literal = fc.constantFrom(
  ...['null', 'true', 'false', '0', '1', '-1', '3', '1.5', '.5', '0xff', '0o17', '-0', '1e3', '+7', 'Infinity'],
  ...["''", "'x'", "'X'", "'two'", "'3'", "' '", "'0'", "'true'", "'hello world'", "'0x10'", "'k'", "'it''s'", "'[1,2]'"],
);
const step = fc.constantFrom(
  '.k',
  '.K',
  '.list',
  '.map',
  '.text',
  '.deep',
  '.K2',
  '.nope',
  '.*',
  '[*]',
  '[0]',
  '[1.9]',
  "['k']",
  '[null]',
  '[true]',
);
const comparison = fc.constantFrom('==', '!=', '<', '<=', '>', '>=', '&&', '||');
const ofTwo = fc.constantFrom('contains', 'startsWith', 'ENDSWITH', 'join');
const formats = fc.constantFrom("'{0}'", "'{0} {1}'", "'{{{0}}}'", "'{1}{1}'");

type Source = fc.Arbitrary<string>;

/**
 * Expressions that GitHub's package and we must agree on: without what `differences.json` lists. So `case` gets booleans,
 * no index and no format can fail, and NaN and Infinity never become JSON.
 */
export const githubExpression: Source = fc.letrec<{ any: string; access: string; call: string }>((tie) => {
  const any = tie('any');
  const access = (start: Source): Source => fc.tuple(start, fc.array(step, { maxLength: 4 })).map(([from, steps]) => from + steps.join(''));
  const json = access(fc.constantFrom('a', 'b', 'e'));
  return {
    any: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      literal,
      tie('access'),
      tie('call'),
      fc.tuple(any, comparison, any).map((parts) => parts.join(' ')),
      any.map((inner) => `!${inner}`),
      any.map((inner) => `(${inner})`),
    ),
    access: fc.oneof(
      access(fc.constantFrom('a', 'A', 'b', 'e', '(a)', '(b.*)', `fromJSON('{"k":[1,{"k":2}]}')`)),
      fc.tuple(json, any).map(([target, index]) => `${target}[${index}]`),
    ),
    call: fc.oneof(
      fc.tuple(ofTwo, any, any).map(([name, first, second]) => `${name}(${first}, ${second})`),
      any.map((inner) => `join(${inner})`),
      json.map((inner) => `fromJSON(toJSON(${inner}))`),
      json.map((inner) => `toJSON(${inner})`),
      fc.tuple(formats, any, any).map((parts) => `format(${parts.join(', ')})`),
      fc.tuple(any, any, any).map(([test, then, otherwise]) => `case(!${test === '' ? 'a' : `(${test})`}, ${then}, ${otherwise})`),
    ),
  };
}).any;
