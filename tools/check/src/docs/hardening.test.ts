import { expect, test } from 'vitest';
import { unansweredHardening } from './hardening.ts';

const head = '| id | what must hold | answered by |\n|---|---|---|\n';
const check = (rows: string, testText: string): string[] =>
  unansweredHardening({ path: 'docs/hardening.md', text: head + rows }, [{ path: 'a.test.ts', text: testText }], new Set(['EXP'])).map(
    ({ message }) => message,
  );

test('an id with a test, or with a reason, is answered', () => {
  expect(check('| EXP-01 | it holds | |\n| EXP-02 | it holds | moot: there is no such thing |\n', "test('EXP-01 it holds')")).toEqual([]);
});

test('ids with neither are a problem', () => {
  const message = 'No test has these ids in its name, and no reason says why they need none: EXP-01, EXP-02.';
  expect(check('| EXP-01 | it holds | |\n| EXP-02 | it holds | |\n', '')).toEqual([message]);
});

test('an id in a test that the table does not have is a problem', () => {
  expect(check('', "test('EXP-09 it holds')")).toEqual(['EXP-09 is tested here, but has no row in docs/hardening.md.']);
});

test('a word that only looks like an id is none', () => {
  expect(check('', "test('UTF-16 units')")).toEqual([]);
});

test('an id that stands twice is a problem', () => {
  expect(check('| EXP-01 | a | x |\n| EXP-01 | b | y |\n', '')).toEqual(['EXP-01 stands in the table twice.']);
});
