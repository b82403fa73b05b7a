import type { Json } from '@exosphere/model';
import { expect, it } from 'vitest';
import { valueText } from './value-text.ts';

it.each<[Json, string]>([
  ['as it is', 'as it is'],
  [null, ''],
  [1.5, '1.5'],
  [false, 'false'],
  [{ user: 'me' }, '{"user":"me"}'],
  [['a', 1], '["a",1]'],
])('%j is the text %s', (value, text) => {
  expect(valueText(value)).toBe(text);
});
