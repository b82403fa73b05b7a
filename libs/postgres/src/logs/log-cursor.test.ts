import type { LogCursor } from '@exosphere/ports';
import { asId } from '@exosphere/model';
import { expect, it } from 'vitest';
import { readCursor, writeCursor } from './log-cursor.ts';

it.each([
  { writtenBy: '18446744073709551615', part: 3, used: null },
  { writtenBy: '7', part: 1, used: 12 },
])('a place in a log is read back as it was written: %j', (place) => {
  expect(readCursor(writeCursor(place))).toEqual(place);
});

it('is nowhere without a cursor', () => {
  expect(readCursor(null)).toBeNull();
});

it.each(['', '1', '1.2.3.4', '1.x', "1.1'; drop"])('another text is refused: %s', (text) => {
  expect(() => readCursor(asId<LogCursor>(text))).toThrow(expect.objectContaining({ code: 'bad-cursor' }));
});
