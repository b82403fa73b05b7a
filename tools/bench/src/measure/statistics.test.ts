import { expect, it } from 'vitest';
import { median, statisticsOf } from './statistics.ts';

it('tells the middle one of an odd number of values, and the mean of the two in the middle of an even one', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

it('tells the lowest and the highest beside the median', () => {
  expect(statisticsOf([10, 2, 30])).toEqual({ median: 10, low: 2, high: 30 });
});
