import { expect, it } from 'vitest';
import { createPace } from './pace.ts';

it('tells nothing too early', () => {
  const pace = createPace();
  pace.add(0, 0);
  pace.add(100, 50);
  expect(pace.rate()).toBeNull();
});

it('is that of the last ten seconds', () => {
  const pace = createPace();
  for (let second = 0; second <= 60; second += 1) pace.add(second * 1_000, second < 40 ? second : 40 + (second - 40) * 10);
  expect(pace.rate()).toBeCloseTo(10, 5);
});

it('is never negative, though a retry takes counters back', () => {
  const pace = createPace();
  pace.add(0, 100);
  pace.add(1_000, 20);
  expect(pace.rate()).toBe(0);
});
