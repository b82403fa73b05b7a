import { describe, expect, it } from 'vitest';
import { seededRandom } from './seeded-random.ts';

describe('seeded random numbers', () => {
  it('are the same for the same seed, and others for another', () => {
    const drawn = (seed: number): readonly number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 20 }, () => random.next());
    };
    expect(drawn(3)).toEqual(drawn(3));
    const firsts = Array.from({ length: 1_000 }, (_, seed) => drawn(seed)[0]);
    expect(new Set(firsts).size).toBe(1_000);
  });

  it('lie in [0, 1), evenly', () => {
    const random = seededRandom(1);
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i += 1) {
      const tenth = Math.floor(random.next() * 10);
      tenths[tenth] = (tenths[tenth] ?? Number.NaN) + 1;
    }
    expect(tenths).toHaveLength(10);
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('fill bytes of every value', () => {
    const bytes = seededRandom(1).bytes(10_000);
    expect(bytes).toHaveLength(10_000);
    expect(new Set(bytes).size).toBe(256);
  });

  it('make happen what has a probability as often as it says, and draw nothing for what is sure', () => {
    const random = seededRandom(1);
    let happened = 0;
    for (let i = 0; i < 10_000; i += 1) if (random.happens(0.3)) happened += 1;
    expect(Math.abs(happened - 3_000)).toBeLessThan(200);
    const [a, b] = [seededRandom(5), seededRandom(5)];
    expect([a.happens(0), a.happens(1)]).toEqual([false, true]);
    expect(a.next()).toBe(b.next());
  });
});
