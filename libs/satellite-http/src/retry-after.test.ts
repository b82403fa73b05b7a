import { expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

it.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['1.5', 1500],
  ['Fri, 31 Jan 2025 10:00:30 GMT', 30_000],
  ['Fri, 31 Jan 2025 09:00:00 GMT', 0],
  ['soon', null],
  ['-3', null],
  ['', null],
])('reads Retry-After: %s', (header, ms) => {
  expect(retryAfterMs(header, Date.UTC(2025, 0, 31, 10))).toBe(ms);
});

it('has nothing to read without a header', () => {
  expect(retryAfterMs(undefined, 0)).toBeNull();
});
