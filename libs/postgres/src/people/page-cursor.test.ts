import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor, pageOf } from './page-cursor.ts';

describe('a cursor', () => {
  it('is read back as it was written', () => {
    expect(decodeCursor(encodeCursor([1, '{0,2}', -1, 0]), ['number', 'string', 'number', 'number'])).toEqual([1, '{0,2}', -1, 0]);
  });

  it.each(['', 'x', '%%%', encodeCursor([1]), encodeCursor(['a', 'b'])])('of something else is refused: %s', (cursor) => {
    expect(() => decodeCursor(cursor, ['string'])).toThrow(expect.objectContaining({ code: 'bad-cursor' }));
  });
});

describe('a page', () => {
  const place = (n: number): readonly number[] => [n];

  it('knows that there is another one by the row too many', () => {
    expect(pageOf([1, 2, 3], 2, place)).toEqual({ items: [1, 2], next: encodeCursor([2]) });
  });

  it('is the last without such a row', () => {
    expect(pageOf([1, 2], 2, place)).toEqual({ items: [1, 2], next: null });
    expect(pageOf([], 2, place)).toEqual({ items: [], next: null });
  });
});
