import { median } from './statistics.ts';

/** The median of so many times that something takes, in ms. */
export async function medianTime(times: number, act: () => Promise<void>): Promise<number> {
  const found: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const began = performance.now();
    await act();
    found.push(performance.now() - began);
  }
  return median(found);
}
