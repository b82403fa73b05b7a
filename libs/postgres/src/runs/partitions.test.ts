import { asId, uuidv7 } from '@exosphere/model';
import type { RunId } from '@exosphere/model';
import { expect, it } from 'vitest';
import { dayOf } from './partitions.ts';

it.each([
  [0, 0],
  [86_399_999, 0],
  [86_400_000, 1],
  [1_795_391_999_999, 20_779],
  [1_795_392_000_000, 20_780],
])('a run that was accepted at %i belongs to day %i', (time, day) => {
  expect(dayOf(asId<RunId>(uuidv7(time, new Uint8Array(10).fill(255))))).toBe(day);
});
