import { expect, it } from 'vitest';
import { chainMeasures } from './chain-measures.ts';

it('tells the time between the starts of two steps, and from the trigger to the first', async () => {
  const chains = [
    { triggeredAt: 0, starts: [5, 6, 7] },
    { triggeredAt: 100, starts: [103, 105, 115] },
  ];
  const measures = await chainMeasures(2, async () => chains.shift() ?? { triggeredAt: 0, starts: [] });
  expect(measures).toEqual({ step_ms: 1.5, mean_step_ms: 3.5, first_step_ms: 4, per_second: 1_000 / 1.5 });
});
