import { expect, test } from 'vitest';
import { total } from './outcome.ts';
import type { Outcome, Result } from './outcome.ts';

const result = (outcome: Outcome): Result => ({ name: 'some', outcome, seconds: 1 });

test('tests are counted one by one, other checks as one', () => {
  const results = [
    result({ kind: 'passed', counts: { passed: 7, failed: 0, skipped: 2 } }),
    result({ kind: 'failed', counts: { passed: 3, failed: 2, skipped: 0 }, why: '2 tests failed' }),
    result({ kind: 'passed', counts: null }),
    result({ kind: 'failed', counts: null, why: 'tsc ended with 2' }),
    result({ kind: 'skipped', why: 'no container engine', get: 'install one' }),
  ];
  expect(total(results)).toEqual({ passed: 11, failed: 3, skipped: 3 });
});

test('a run that fails outside its tests counts as a failure', () => {
  const crashed = result({ kind: 'failed', counts: { passed: 5, failed: 0, skipped: 0 }, why: 'an error outside the tests' });
  expect(total([crashed])).toEqual({ passed: 5, failed: 1, skipped: 0 });
});

test('nothing run is nothing passed', () => {
  expect(total([])).toEqual({ passed: 0, failed: 0, skipped: 0 });
});
