import { expect, test } from 'vitest';
import { closestName, didYouMean } from './closest-name.ts';

test.for<[string, readonly string[], string | undefined]>([
  ['srcs', ['end', 'src'], 'src'],
  ['bb', ['a', 'b', 'c'], 'b'],
  ['satelites', ['satellites', 'secrets'], 'satellites'],
  ['retreis', ['retries', 'timeout'], 'retries'],
  ['ITEM', ['item'], 'item'],
  ['upcase', ['case', 'upper', 'lower'], undefined],
  ['x', ['identifier'], undefined],
  ['contineu-on-eror', ['continue-on-error'], 'continue-on-error'],
  ['nmae', ['names', 'name'], 'name'],
])("'%s' among %j is meant to be '%s'", ([found, candidates, meant]) => {
  expect(closestName(found, candidates)).toBe(meant);
});

test('a message ends with the hint, or with what is known, a long list cut', () => {
  expect(didYouMean('a', ['a', 'b'])).toBe(" Did you mean 'a'?");
  expect(didYouMean(undefined, ['a', 'b'])).toBe(' Known: a, b.');
  expect(didYouMean(undefined)).toBe('');
  expect(didYouMean(undefined, Array<string>(25).fill('x'))).toMatch(/^ Known: (x, )+x and 5 more\.$/);
});
