import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatNumber, parseNumber } from './number-text.ts';

const number = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('numbers as text', () => {
  it('have at most 15 digits, and are as near as 15 digits allow', () => {
    fc.assert(
      fc.property(number, (value) => {
        const text = formatNumber(value);
        const [mantissa = ''] = text.split('E');
        expect(
          mantissa
            .replace(/^-?0*\.?0*/, '')
            .replace('.', '')
            .replace(/0+$/, '').length,
        ).toBeLessThanOrEqual(15);
        expect(parseNumber(text)).toBe(Number(value.toPrecision(15)) + 0);
      }),
    );
  });

  it('use an exponent of two digits or more from 1E+15 up and below 0.0001', () => {
    fc.assert(
      fc.property(number, (value) => {
        const text = formatNumber(value);
        const size = Math.abs(Number(value.toPrecision(15)));
        expect(/^-?\d(\.\d*[1-9])?E[+-]\d{2,3}$/.test(text)).toBe(size !== 0 && (size >= 1e15 || size < 1e-4));
        expect(text).not.toMatch(/\.\d*0$/);
      }),
    );
  });

  it('read as Number does where both know the form', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ \t]*[+-]?(\d{0,4}\.?\d{0,4})([eE][+-]?\d{0,3})?[ \n]*$/), (text) => {
        expect(parseNumber(text)).toBe(Number(text));
      }),
    );
  });
});
