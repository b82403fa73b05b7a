import { expect, test } from 'vitest';
import { durationMs } from './duration.ts';

test.for<[string, number | null]>([
  ['500ms', 500],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1.5h', 5_400_000],
  ['1h30m', 5_400_000],
  ['1d 12h', 129_600_000],
  ['1w', 604_800_000],
  ['0s', 0],
  ['', null],
  ['5', null],
  ['m5', null],
  ['5 m', null],
  ['30m1h', null],
  ['1h1h', null],
  ['-5m', null],
  ['1e3s', null],
  ['5M', null],
])("'%s' is %s ms", ([text, ms]) => {
  expect(durationMs(text)).toBe(ms);
});
