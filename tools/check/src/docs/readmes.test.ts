import { expect, test } from 'vitest';
import { badReadmes, missingReadmes } from './readmes.ts';

const problems = (text: string): number => badReadmes([{ path: 'libs/x/README.md', text }]).length;

test.for([
  ['a sentence', '# x\n\nDoes one thing.\n'],
  ['a sentence over two lines', '# x\n\nDoes one thing\nwell.\n\nMore about it. And more.\n'],
  ['a sentence with code', '# x\n\nEvaluates `${{ a. B }}` against a context.\n'],
] as const)('%s after the title is fine', ([, text]) => {
  expect(problems(text)).toBe(0);
});

test.for([
  ['no title', 'Does one thing.\n'],
  ['nothing after the title', '# x\n'],
  ['two sentences', '# x\n\nDoes one thing. Does another.\n'],
  ['no full stop', '# x\n\nDoes one thing\n'],
] as const)('%s is a problem', ([, text]) => {
  expect(problems(text)).toBe(1);
});

test('a package without a README is a problem', () => {
  expect(missingReadmes(['libs/x', 'libs/y'], (path) => path === 'libs/x/README.md').map(({ file }) => file)).toEqual([
    'libs/y/package.json',
  ]);
});
