import { expect, it } from 'vitest';
import { valueText } from './value-text.ts';

it.each([
  [null, 'null'],
  [-0, '-0'],
  [Number.NaN, '"NaN"'],
  [Number.NEGATIVE_INFINITY, '"-Infinity"'],
  [[1, ['a'], {}], '[1,["a"],{}]'],
  [new Map([['2', 1], ['1', 2]]), '{"2":1,"1":2}'], // prettier-ignore
  [{ 'a"b': [] }, '{"a\\"b":[]}'],
])('%j on one line', (value, text) => {
  expect(valueText(value)).toBe(text);
});

it('is indented as JSON.stringify does', () => {
  const value = { a: [1, { b: [] }], c: {} };
  expect(valueText(value, '\n  ')).toBe(JSON.stringify(value, null, 2));
});
