import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finderOf } from './find-text.ts';
import { cpuMilliseconds } from './testing/cpu-time.ts';

/** Texts of two letters, so that they nearly match everywhere. */
const repetitive = fc
  .array(fc.constantFrom('ab', 'a', 'b', 'aaab'), { minLength: 20, maxLength: 60 })
  .map((parts) => parts.join('').repeat(40));

describe('the search in a text', () => {
  it('finds what indexOf finds, also where it takes its own way', () => {
    fc.assert(
      fc.property(repetitive, repetitive, fc.tuple(fc.nat(3000), fc.nat(2000), fc.nat(200)), (first, second, [from, start, length]) => {
        const text = (first + second).repeat(6);
        const needle = text.slice(start, start + 100 + length);
        for (const each of [needle, `${needle.slice(0, -1)}c`, `c${needle}`, needle.slice(0, 5)]) {
          expect(finderOf(text, each)(from)).toBe(text.indexOf(each, from));
        }
      }),
    );
  });

  it('takes time in proportion to the text where the needle nearly matches everywhere', () => {
    const text = 'a'.repeat(2_000_000);
    const needle = `b${'a'.repeat(500_000)}`;
    const spent = cpuMilliseconds(() => {
      expect(finderOf(text, needle)(0)).toBe(-1);
      expect(finderOf(text, `${'a'.repeat(500_000)}b`)(0)).toBe(-1);
    });
    expect(spent).toBeLessThan(500);
  });
});
