import { expect, it } from 'vitest';
import { secondsText } from './seconds-text.ts';

it.each([
  [0.04, '0.0 s'],
  [9.94, '9.9 s'],
  [12.4, '12 s'],
  [60, '1 min'],
  [200, '3 min 20 s'],
  [3_600, '1 h'],
  [7_500, '2 h 5 min'],
  [100_000, '1 d 4 h'],
])('%d s reads as %s', (seconds, text) => {
  expect(secondsText(seconds)).toBe(text);
});
