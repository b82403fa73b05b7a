import { expect, test } from 'vitest';
import { anchors, brokenLinks } from './links.ts';

const files = new Set(['docs/a.md', 'docs/b.md', 'README.md', 'libs/model']);
const broken = (text: string): string[] =>
  brokenLinks(
    [
      { path: 'docs/a.md', text },
      { path: 'docs/b.md', text: '# Its title\n' },
    ],
    (path) => files.has(path),
  ).map((problem) => problem.message);

test.for([
  ['a file beside it', 'see [b](b.md)'],
  ['a heading of a file', 'see [b](b.md#its-title)'],
  ['a heading of its own', '# Here\n[up](#here)'],
  ['a file above', '[home](../README.md "Home")'],
  ['a folder', '[model](../libs/model)'],
  ['the world', '[node](https://nodejs.org/)'],
  ['code, which is no link', '`[x](y.md)`\n```\n[x](y.md)\n```'],
] as const)('a link to %s is fine', ([, text]) => {
  expect(broken(text)).toEqual([]);
});

test.for([
  ['file', '[c](c.md)', "The link 'c.md' leads to 'docs/c.md', which does not exist."],
  ['heading', '[b](b.md#gone)', "The link 'b.md#gone' leads to a heading that 'docs/b.md' does not have."],
  ['heading of its own', '[b](#gone)', "The link '#gone' leads to a heading that 'docs/a.md' does not have."],
] as const)('a link to a missing %s is a problem', ([, text, message]) => {
  expect(broken(text)).toEqual([message]);
});

test('a problem names its line', () => {
  expect(brokenLinks([{ path: 'a.md', text: 'one\n\n[c](c.md)' }], () => false)[0]?.line).toBe(3);
});

test('anchors are those of GitHub', () => {
  expect([...anchors('# `exo run`: a run\n## What\n## What\n')]).toEqual(['exo-run-a-run', 'what', 'what-1']);
});
