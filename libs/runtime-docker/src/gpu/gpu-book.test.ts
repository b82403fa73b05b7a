import type { GpuNeeds } from '@exosphere/satellite-protocol';
import { describe, expect, it } from 'vitest';
import type { Gpu } from './gpu.ts';
import { cardsThatFit } from './gpu.ts';
import { GpuBook } from './gpu-book.ts';

const gib = 2 ** 30;

function card(index: number, changes: Partial<Gpu> = {}): Gpu {
  return { id: `GPU-${String(index)}`, index, driver: 'nvidia', model: 'NVIDIA H100', memoryBytes: 80 * gib, ...changes };
}

function need(changes: Partial<GpuNeeds> = {}): GpuNeeds {
  return { count: 1, driver: 'nvidia', capabilities: ['gpu'], minMemoryBytes: null, deviceIds: null, options: {}, ...changes };
}

function bookOf(gpus: readonly Gpu[]): { book: GpuBook; pass: (ms: number) => void } {
  let now = 0;
  return { book: new GpuBook(gpus, () => now), pass: (ms) => void (now += ms) };
}

const cards = (count: number): readonly Gpu[] => Array.from({ length: count }, (_, index) => card(index));
const placed = (...ids: string[]): object => ({ kind: 'placed', ids });
const wait = (reason: string, freeable: readonly string[] = []): object => ({ kind: 'wait', reason, freeable });

describe('a request for cards', () => {
  it('gets as many as it needs, all at once or none', () => {
    const { book } = bookOf(cards(3));
    expect(book.place(need({ count: 2 }), 'a')).toEqual(placed('GPU-0', 'GPU-1'));
    expect(book.place(need({ count: 2 }), 'b')).toEqual(wait('waits for a GPU: 2 × nvidia is in use by a'));
    expect(book.cardsOf('b')).toEqual([]);
    book.release('a');
    expect(book.place(need({ count: 2 }), 'b')).toEqual(placed('GPU-0', 'GPU-1'));
  });

  it('takes the smallest cards that are large enough', () => {
    const { book } = bookOf([card(0), card(1, { memoryBytes: 24 * gib }), card(2, { memoryBytes: 16 * gib })]);
    expect(book.place(need({ minMemoryBytes: 20 * gib }), 'a')).toEqual(placed('GPU-1'));
    expect(book.place(need(), 'b')).toEqual(placed('GPU-2'));
    expect(book.place(need({ minMemoryBytes: 20 * gib }), 'c')).toEqual(placed('GPU-0'));
  });

  it.each([
    ['an H100 of 80 GiB', 80, 81_559],
    ['an A100 of 40 GiB', 40, 40_536],
    ['an L40S of 48 GiB', 48, 46_068],
    ['an A10 of 24 GiB', 24, 23_028],
    ['a T4 of 16 GiB', 16, 15_109],
  ])('is met by %s, though it tells a little less of itself', (_, size, mebibytes) => {
    const { book } = bookOf([card(0, { memoryBytes: mebibytes * 2 ** 20 })]);
    expect(book.place(need({ minMemoryBytes: size * gib }), 'a').kind).toBe('placed');
  });

  it.each([
    ['the next size', need({ minMemoryBytes: 96 * gib }), '1 × nvidia ≥ 96 GiB'],
    ['another driver', need({ driver: 'other' }), '1 × other'],
    ['more than there are', need({ count: 3 }), '3 × nvidia'],
    ['a card that is not there', need({ count: 2, deviceIds: ['GPU-0', '7'] }), '2 × nvidia (GPU-0, 7)'],
    ['one card by two names', need({ count: 2, deviceIds: ['GPU-0', '0'] }), '2 × nvidia (GPU-0, 0)'],
    ['all of none', need({ count: 'all', driver: 'other', minMemoryBytes: 80 * gib }), 'all × other ≥ 80 GiB'],
  ])('is never met on this host for %s', (_, needs, text) => {
    const { book } = bookOf(cards(2));
    expect(book.place(needs, 'a', 'satellite/p/llm')).toEqual({
      kind: 'never',
      reason: `no GPU host for satellite/p/llm; needs ${text}; this host has 2 × NVIDIA H100 (80 GiB)`,
    });
  });

  it('is never met on a host without a card, nor by one of which nobody knows the size', () => {
    const needs = need({ minMemoryBytes: 80 * gib });
    const words = 'no GPU host for satellite/p/llm; needs 1 × nvidia ≥ 80 GiB; this host has';
    expect(bookOf([]).book.place(needs, 'a', 'satellite/p/llm')).toEqual({ kind: 'never', reason: `${words} no GPU` });
    const unknown = bookOf([card(0, { memoryBytes: null })]).book;
    expect(unknown.place(needs, 'a', 'satellite/p/llm')).toEqual({ kind: 'never', reason: `${words} 1 × NVIDIA H100` });
    expect(unknown.place(need(), 'b')).toEqual(placed('GPU-0'));
  });

  it('names cards by id or by index', () => {
    const { book } = bookOf(cards(4));
    expect(book.place(need({ count: 2, deviceIds: ['3', 'GPU-1'] }), 'a')).toEqual(placed('GPU-1', 'GPU-3'));
    expect(book.place(need({ deviceIds: ['1'] }), 'b')).toEqual(wait('waits for a GPU: 1 × nvidia (1) is in use by a'));
  });

  it('for all cards waits for all that fit', () => {
    const { book } = bookOf([...cards(2), card(2, { memoryBytes: 16 * gib })]);
    book.place(need({ minMemoryBytes: 80 * gib }), 'a');
    const all = need({ count: 'all', minMemoryBytes: 80 * gib });
    expect(book.place(all, 'b')).toEqual(wait('waits for a GPU: all × nvidia ≥ 80 GiB is in use by a'));
    book.release('a');
    expect(book.place(all, 'b')).toEqual(placed('GPU-0', 'GPU-1'));
  });
});

describe('who has a card', () => {
  it('keeps it when it asks again, also when it was idle', () => {
    const { book } = bookOf(cards(2));
    book.place(need(), 'a');
    expect(book.place(need(), 'a')).toEqual(placed('GPU-0'));
    book.idle('a');
    expect(book.busy('a')).toBe(true);
    book.idle('a');
    expect(book.place(need(), 'b')).toEqual(placed('GPU-1'));
    expect(book.place(need(), 'a')).toEqual(placed('GPU-0'));
  });

  it('is asked to leave when it is idle and somebody waits, the one that is idle for longest first', () => {
    const { book } = bookOf(cards(3));
    for (const holder of ['a', 'b', 'c']) book.place(need(), holder);
    book.idle('b');
    book.idle('a');
    expect(book.place(need(), 'd')).toEqual(wait('waits for a GPU: 1 × nvidia is in use by a, b and c', ['b']));
    expect(book.place(need(), 'e')).toEqual(
      wait('waits for a GPU: 1 × nvidia is in use by a, b and c and goes first to d, which asked before', ['a']),
    );
    expect(book.busy('b')).toBe(false);
    book.release('b');
    expect(book.place(need(), 'd')).toEqual(placed('GPU-1'));
  });

  it('is not asked to leave for nothing: not where it would not be enough, and not where others are', () => {
    const { book } = bookOf(cards(6));
    book.place(need(), 'small');
    book.place(need({ count: 4 }), 'large');
    book.place(need(), 'running');
    book.idle('small');
    expect(book.place(need({ count: 4 }), 'a')).toMatchObject({ kind: 'wait', freeable: [] });
    book.idle('large');
    expect(book.place(need({ count: 4 }), 'a')).toMatchObject({ kind: 'wait', freeable: ['large'] });
    expect(book.place(need({ count: 6 }), 'b')).toMatchObject({ kind: 'wait', freeable: [] });
  });

  it('gets nothing new to do once somebody that asked before has a claim on it', () => {
    const { book } = bookOf(cards(2));
    book.place(need(), 'a');
    book.place(need(), 'b');
    expect(book.place(need({ count: 2 }), 'many')).toMatchObject({ kind: 'wait', freeable: [] });
    expect(book.busy('a')).toBe(true);
    book.idle('a');
    expect(book.busy('a')).toBe(false);
    expect(book.place(need(), 'a')).toEqual(wait('waits for a GPU: 1 × nvidia goes first to many, which asked before'));
    book.idle('b');
    expect(book.place(need({ count: 2 }), 'many')).toMatchObject({ kind: 'wait', freeable: ['a', 'b'] });
    book.release('a');
    book.release('b');
    expect(book.place(need({ count: 2 }), 'many')).toEqual(placed('GPU-0', 'GPU-1'));
    expect(book.place(need(), 'a')).toEqual(wait('waits for a GPU: 1 × nvidia is in use by many'));
  });

  it('may be a container of another process', () => {
    const { book } = bookOf(cards(2));
    book.heldElsewhere([{ name: 'satellite/p/llm of another exo', ids: ['GPU-0'] }]);
    expect(book.place(need(), 'a')).toEqual(placed('GPU-1'));
    expect(book.place(need(), 'b')).toEqual(wait('waits for a GPU: 1 × nvidia is in use by a and satellite/p/llm of another exo'));
    book.heldElsewhere([]);
    expect(book.place(need(), 'b')).toEqual(placed('GPU-0'));
  });
});

describe('those that wait', () => {
  it('are served in the order in which they asked first', () => {
    const { book, pass } = bookOf(cards(1));
    book.place(need(), 'a');
    for (const holder of ['b', 'c', 'd']) book.place(need(), holder);
    book.release('a');
    for (const holder of ['c', 'd']) {
      expect(book.place(need(), holder)).toMatchObject({ kind: 'wait' });
      pass(5_000);
    }
    expect(book.place(need(), 'd')).toEqual(wait('waits for a GPU: 1 × nvidia goes first to b and c, which asked before'));
    expect(book.place(need(), 'b')).toEqual(placed('GPU-0'));
  });

  it('for many cards are not overtaken by those that want few, though cards get free one by one', () => {
    const { book } = bookOf(cards(4));
    for (const holder of ['a', 'b', 'c', 'd']) book.place(need(), holder);
    const many = need({ count: 3 });
    expect(book.place(many, 'many').kind).toBe('wait');
    for (const holder of ['a', 'b']) {
      book.release(holder);
      expect(book.place(need(), `small ${holder}`).kind).toBe('wait');
      expect(book.place(many, 'many').kind).toBe('wait');
    }
    book.release('c');
    expect(book.place(need(), 'small a').kind).toBe('wait');
    expect(book.place(many, 'many')).toEqual(placed('GPU-0', 'GPU-1', 'GPU-2'));
  });

  it('leave to others what they cannot use, or do not need', () => {
    const { book } = bookOf([...cards(2), card(2, { memoryBytes: 16 * gib })]);
    book.place(need({ minMemoryBytes: 80 * gib }), 'a');
    expect(book.place(need({ count: 2, minMemoryBytes: 80 * gib }), 'large').kind).toBe('wait');
    expect(book.place(need({ minMemoryBytes: 80 * gib }), 'b').kind).toBe('wait');
    expect(book.place(need(), 'small')).toEqual(placed('GPU-2'));
  });

  it('are forgotten when they do not ask any more, or give up', () => {
    const { book, pass } = bookOf(cards(1));
    book.place(need(), 'a');
    book.place(need(), 'gone');
    book.place(need(), 'given up');
    book.release('a');
    book.release('given up');
    pass(29_000);
    expect(book.place(need(), 'b')).toMatchObject({ kind: 'wait' });
    pass(2_000);
    expect(book.place(need(), 'b')).toEqual(placed('GPU-0'));
  });

  it('keep no card from anybody on a host that has none for them', () => {
    const { book } = bookOf(cards(1));
    expect(book.place(need({ count: 2 }), 'never').kind).toBe('never');
    expect(book.place(need(), 'a')).toEqual(placed('GPU-0'));
  });
});

it('cards that fit are those of the driver, the size and the ids together', () => {
  const gpus = [card(0), card(1, { driver: 'other' }), card(2, { memoryBytes: 16 * gib })];
  const ids = (needs: GpuNeeds): readonly string[] => cardsThatFit(gpus, needs).map(({ id }) => id);
  expect(ids(need())).toEqual(['GPU-0', 'GPU-2']);
  expect(ids(need({ minMemoryBytes: 24 * gib, deviceIds: ['0', '1', '2'] }))).toEqual(['GPU-0']);
});
