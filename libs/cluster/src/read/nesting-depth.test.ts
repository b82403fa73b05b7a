import { expect, test } from 'vitest';
import { tooDeepAt } from './nesting-depth.ts';

const levels = (count: number, level: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => level(index)).join('');

test.for<[string, string, boolean]>([
  ['64 lists in one another', '['.repeat(64) + ']'.repeat(64), false],
  ['65 lists in one another', '['.repeat(65), true],
  ['mappings in braces', '{a: '.repeat(65), true],
  ['dashes on one line', '- '.repeat(65), true],
  ['keys below one another', levels(65, (i) => `${' '.repeat(i)}a:\n`), true],
  ['many lists after one another', '- [a]\n'.repeat(5_000), false],
  ['brackets in a text', `a: "${'['.repeat(500)}"`, false],
  ['brackets in a block scalar', `a: |\n  ${'['.repeat(500)}\nb: 1\n`, false],
  ['brackets in a comment', `# ${'['.repeat(500)}\na: 1\n`, false],
  ['unbalanced brackets in plain texts', levels(500, () => '- see :[ and a { b\n'), false],
  ['lists below keys at the same column', levels(5_000, (i) => `k${i}:\n- a: 1\n- b: 2\n`), false],
])('%s', ([, text, tooDeep]) => {
  expect(tooDeepAt(text) !== null).toBe(tooDeep);
});

test('the place is where the level begins that is too deep', () => {
  expect(tooDeepAt('['.repeat(65))).toBe(64);
  expect(tooDeepAt('{a: '.repeat(65))).toBe(256);
  expect(tooDeepAt('- '.repeat(65))).toBe(128);
});
