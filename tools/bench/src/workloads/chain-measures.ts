import type { Measures } from '../measure/contender.ts';
import { median } from '../measure/statistics.ts';

/** One chain: when it was triggered, and when each of its steps began; as `performance.now()` gives it. */
export interface ChainTimes {
  readonly triggeredAt: number;
  readonly starts: readonly number[];
}

/** Carries out chains, one after another, and tells the median step and the median first step. */
export async function chainMeasures(repeats: number, carryOut: () => Promise<ChainTimes>): Promise<Measures> {
  const gaps: number[] = [];
  const firsts: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const { triggeredAt, starts } = await carryOut();
    firsts.push((starts[0] ?? NaN) - triggeredAt);
    for (let i = 1; i < starts.length; i += 1) gaps.push((starts[i] ?? NaN) - (starts[i - 1] ?? NaN));
  }
  const step = median(gaps);
  return {
    step_ms: step,
    mean_step_ms: gaps.reduce((total, gap) => total + gap, 0) / gaps.length,
    first_step_ms: median(firsts),
    per_second: 1_000 / step,
  };
}
