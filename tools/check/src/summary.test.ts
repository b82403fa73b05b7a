import { expect, test } from 'vitest';
import { summary } from './summary.ts';

test('the summary says what ran, what is missing and how to get it, and closes with the counts alone on a line', () => {
  const text = summary([
    { name: 'types', seconds: 3.21, outcome: { kind: 'passed', counts: null } },
    { name: 'unit', seconds: 10, outcome: { kind: 'passed', counts: { passed: 12, failed: 0, skipped: 1 } } },
    { name: 'docker', seconds: 0, outcome: { kind: 'skipped', why: 'no container engine answers', get: 'install Docker' } },
    { name: 'e2e', seconds: 1, outcome: { kind: 'failed', counts: null, why: 'vitest ended with 1 and left no report' } },
  ]);
  expect(text.split('\n')).toEqual([
    '',
    '✓ types     3.2 s  ',
    '✓ unit     10.0 s  12 tests, 1 skipped',
    '– docker    0.0 s  SKIPPED: no container engine answers. To run it, install Docker.',
    '✗ e2e       1.0 s  FAILED: vitest ended with 1 and left no report',
    '',
    '13 passed, 1 failed, 2 skipped',
  ]);
});
