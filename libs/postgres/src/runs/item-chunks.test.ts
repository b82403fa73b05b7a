import type { Json } from '@exosphere/model';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chunksOf } from './item-chunks.ts';

it('cuts a list into parts of at most 500 objects', () => {
  const chunks = chunksOf(Array.from({ length: 1_001 }, (_, n) => ({ n })));
  expect(chunks.map(({ from, count }) => [from, count])).toEqual([[0, 500], [500, 500], [1_000, 1]]); // prettier-ignore
});

it('cuts earlier where objects are large, and gives a huge one a part of its own', () => {
  const sizes = [600_000, 600_000, 3_000_000, 10];
  const chunks = chunksOf(sizes.map((size) => ({ text: 'x'.repeat(size) })));
  expect(chunks.map((chunk) => chunk.count)).toEqual([1, 1, 1, 1]);
});

it('loses nothing and keeps the order', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 1_200 }), (list) => {
      const items = list.map((value) => JSON.parse(JSON.stringify(value)) as Json);
      const chunks = chunksOf(items);
      expect(chunks.flatMap((chunk) => JSON.parse(chunk.objects) as Json[])).toEqual(items);
      let next = 0;
      for (const { from, count } of chunks) {
        expect(from).toBe(next);
        next += count;
      }
    }),
    { numRuns: 30 },
  );
});
