import { expect, it } from 'vitest';
import { wrapText } from './wrap-text.ts';

it.each([
  ['', 10, []],
  ['short', 10, ['short']],
  ['one two three', 7, ['one two', 'three']],
  ['a word-that-is-too-long b', 8, ['a', 'word-that-is-too-long', 'b']],
  ['  many \n spaces ', 20, ['many spaces']],
])('wraps %j to %d characters', (text, width, lines) => {
  expect(wrapText(text, width)).toEqual(lines);
});
