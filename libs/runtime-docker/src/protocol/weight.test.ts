import { describe, expect, it } from 'vitest';
import { readAnswer } from './answer.ts';
import { weightOf } from './weight.ts';

describe('how much a JSON text counts', () => {
  it.each([
    [JSON.stringify({ text: 'x'.repeat(1_000) }), 1_011],
    [JSON.stringify({ text: '[{,"\\'.repeat(100) }), 0],
    ['{}', 64],
    [`[${'{},'.repeat(99)}{}]`, (1 + 1 + 100 + 99) * 32],
  ])('%#', (text, expected) => {
    expect(weightOf(text)).toBe(expected === 0 ? text.length : expected);
  });

  it('CTR-10: a list of millions of empty objects is refused before it takes gigabytes', () => {
    const start = process.memoryUsage().heapUsed;
    const answer = readAnswer(`{"nonce":"${'0'.repeat(32)}","objects":[${'{},'.repeat(6_000_000)}{}]}`);
    expect(answer).toEqual({ kind: 'too-large' });
    expect(process.memoryUsage().heapUsed - start).toBeLessThan(200 * 2 ** 20);
  });
});
