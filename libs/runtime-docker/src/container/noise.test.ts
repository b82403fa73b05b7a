import { describe, expect, it } from 'vitest';
import { Noise } from './noise.ts';

const mebibyte = 2 ** 20;

function listened(): { noise: Noise; lines: string[]; floods: () => number } {
  const lines: string[] = [];
  let floods = 0;
  const noise = new Noise({ onLine: ({ text }) => lines.push(text), onFlood: () => (floods += 1) });
  return { noise, lines, floods: () => floods };
}

describe('what is no answer', () => {
  it('is joined to lines, for each stream', () => {
    const { noise, lines } = listened();
    noise.take('stdout', 'a', { isLast: false, bytes: 1 });
    noise.take('stderr', 'x\n', { isLast: true, bytes: 1 });
    noise.take('stdout', 'b', { isLast: true, bytes: 1 });
    expect(lines).toEqual(['x\n', 'ab']);
    expect(noise.tail).toBe('x\n\nab');
  });

  it('CTR-08: of a long line has its beginning, with a mark', () => {
    const { noise, lines } = listened();
    noise.take('stdout', '{'.repeat(mebibyte), { isLast: true, bytes: mebibyte });
    expect(lines.map((line) => [line.length, line.at(-1)])).toEqual([[64 * 1024 + 1, '…']]);
  });

  it('CTR-08: is a flood beyond 64 MiB, also where nothing of it is shown', () => {
    const { noise, floods, lines } = listened();
    for (let count = 0; count < 64; count += 1) noise.take('stdout', '', { isLast: false, bytes: mebibyte });
    expect(floods()).toBe(0);
    noise.count(1);
    expect([floods(), lines]).toEqual([1, []]);
  });

  it('is no flood where it is forgotten in time', () => {
    const { noise, floods } = listened();
    for (let count = 0; count < 1_000; count += 1) {
      noise.count(mebibyte);
      noise.forget(mebibyte);
    }
    noise.count(60 * mebibyte);
    noise.forget();
    noise.count(60 * mebibyte);
    expect(floods()).toBe(0);
  });
});
