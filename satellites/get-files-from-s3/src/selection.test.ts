import { describe, expect, it } from 'vitest';
import { mapAhead } from './map-ahead.ts';
import { listingOf, wants } from './selection.ts';

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const entry of source) list.push(entry);
  return list;
}

describe('a selection', () => {
  it.each([
    [{}, { prefix: '', delimiter: '/' }],
    [{ prefix: 'sec' }, { prefix: 'sec/', delimiter: '/' }],
    [{ prefix: 'sec/' }, { prefix: 'sec/', delimiter: '/' }],
    [
      { prefix: 'sec', recursive: true },
      { prefix: 'sec', delimiter: null },
    ],
    [{ recursive: true }, { prefix: '', delimiter: null }],
  ])('%j asks for the listing it means', (selection, listing) => {
    expect(listingOf(selection)).toEqual(listing);
  });

  it.each([
    ['pdf', 'sec/a.pdf', true],
    ['.pdf', 'sec/a.PDF', true],
    ['PDF', 'sec/a.pdf', true],
    ['pdf', 'sec/apdf', false],
    ['pdf', 'sec/a.pdf.txt', false],
    ['pdf', 'sec/folder.pdf/', false],
    ['tar.gz', 'a.tar.gz', true],
    [undefined, 'anything', true],
    [undefined, 'folder/', false],
  ])('of extension %s says of %s: %s', (extension, key, wanted) => {
    expect(wants(extension === undefined ? {} : { extension }, key)).toBe(wanted);
  });
});

describe('mapping ahead', () => {
  it('keeps the order and stays within its limit', async () => {
    let running = 0;
    let most = 0;
    const map = async (n: number): Promise<number> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, (7 - n) % 4));
      running -= 1;
      return n * 10;
    };
    expect(await all(mapAhead([1, 2, 3, 4, 5, 6], 3, map))).toEqual([10, 20, 30, 40, 50, 60]);
    expect(most).toBe(3);
  });

  it('hands on what came before the first failure', async () => {
    const seen: number[] = [];
    const failing = (async () => {
      for await (const n of mapAhead([1, 2, 3], 2, async (n) => (n === 2 ? Promise.reject(new RangeError('two')) : n))) seen.push(n);
    })();
    await expect(failing).rejects.toThrow('two');
    expect(seen).toEqual([1]);
  });

  it('gives nothing for nothing', async () => {
    expect(await all(mapAhead([], 2, async () => 1))).toEqual([]);
  });
});
