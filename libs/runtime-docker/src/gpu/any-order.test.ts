import type { GpuNeeds } from '@exosphere/satellite-protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Gpu } from './gpu.ts';
import { cardsThatFit } from './gpu.ts';
import { GpuBook } from './gpu-book.ts';

/*
 * What holds whatever holders do, in any order: no card is held twice, everybody gets what it asked for or nothing, what is given back
 * can be had, and who asked first is served first.
 */

const gib = 2 ** 30;
const names = ['a', 'b', 'c', 'd', 'e', 'f'];

const someCards = fc
  .array(fc.record({ driver: fc.constantFrom('nvidia', 'nvidia', 'other'), size: fc.constantFrom(16, 24, 80, null) }), { maxLength: 6 })
  .map((list) =>
    list.map(({ driver, size }, index): Gpu => ({
      ...{ id: `GPU-${String(index)}`, index, driver, model: 'card' },
      memoryBytes: size === null ? null : size * gib,
    })),
  );

const someNeeds = fc.oneof(
  { weight: 6, arbitrary: fc.record({ count: fc.integer({ min: 1, max: 4 }), size: fc.constantFrom(null, null, 16, 24, 80) }) },
  { weight: 1, arbitrary: fc.record({ count: fc.constant('all' as const), size: fc.constantFrom(null, 80) }) },
  { weight: 1, arbitrary: fc.record({ ids: fc.uniqueArray(fc.constantFrom('0', '1', 'GPU-2'), { minLength: 1 }) }) },
);

function needsOf(made: { count?: number | 'all'; size?: number | null; ids?: string[] }): GpuNeeds {
  return {
    ...{ driver: 'nvidia', capabilities: ['gpu'], options: {} },
    count: made.ids?.length ?? made.count ?? 1,
    minMemoryBytes: typeof made.size === 'number' ? made.size * gib : null,
    deviceIds: made.ids ?? null,
  };
}

const someActs = fc.array(
  fc.record({ act: fc.constantFrom('place', 'place', 'place', 'idle', 'busy', 'release', 'pass'), who: fc.constantFrom(...names) }),
  { maxLength: 80 },
);

/** A host with its holders: what each of them needs never changes. */
const someHost = fc.record({
  gpus: someCards,
  needs: fc.tuple(...names.map(() => someNeeds)).map((list) => new Map(names.map((name, i) => [name, needsOf(list[i] ?? {})]))),
  acts: someActs,
});

interface Host {
  readonly gpus: readonly Gpu[];
  readonly needs: ReadonlyMap<string, GpuNeeds>;
}

const needsFor = ({ needs }: Host, who: string): GpuNeeds => needs.get(who) ?? needsOf({});

/** Acts, and stops what is asked to leave, as a runtime does. */
function play(
  host: Host & { readonly acts: readonly { readonly act: string; readonly who: string }[] },
  after: (book: GpuBook) => void,
): GpuBook {
  let now = 0;
  const book = new GpuBook(host.gpus, () => now);
  for (const { act, who } of host.acts) {
    if (act === 'place') {
      const placement = book.place(needsFor(host, who), who);
      if (placement.kind === 'wait') for (const one of placement.freeable) book.release(one);
    } else if (act === 'idle') book.idle(who);
    else if (act === 'busy') book.busy(who);
    else if (act === 'release') book.release(who);
    else now += 7_000;
    after(book);
  }
  return book;
}

it('no card is held twice, and nobody holds a part of what it needs, or a card that does not fit', () => {
  fc.assert(
    fc.property(someHost, (host) => {
      play(host, (book) => {
        const held = names.flatMap((who) => book.cardsOf(who));
        expect(new Set(held).size).toBe(held.length);
        for (const who of names) {
          const ids = book.cardsOf(who);
          const fitting = cardsThatFit(host.gpus, needsFor(host, who)).map(({ id }) => id);
          const { count, deviceIds } = needsFor(host, who);
          const whole = deviceIds?.length ?? (count === 'all' ? fitting.length : count);
          expect([0, whole]).toContain(ids.length);
          for (const id of ids) expect(fitting).toContain(id);
        }
      });
    }),
  );
});

it('what is given back can be had', () => {
  fc.assert(
    fc.property(someHost, fc.constantFrom(...names), (host, who) => {
      const book = play(host, () => undefined);
      for (const name of names) {
        book.release(name); // its cards
        book.release(name); // its place among those that wait
      }
      const fitting = cardsThatFit(host.gpus, needsFor(host, who)).length;
      const { count, deviceIds } = needsFor(host, who);
      const wanted = deviceIds?.length ?? (count === 'all' ? Math.max(1, fitting) : count);
      expect(book.place(needsFor(host, who), who).kind).toBe(fitting >= wanted ? 'placed' : 'never');
    }),
  );
});

it('holders that are named as freeable are enough, together with what is free', () => {
  fc.assert(
    fc.property(someHost, fc.constantFrom(...names), fc.subarray(names), (host, who, idle) => {
      const book = play(host, () => undefined);
      for (const name of idle) book.idle(name);
      const placement = book.place(needsFor(host, who), who);
      if (placement.kind !== 'wait' || placement.freeable.length === 0) return;
      for (const one of placement.freeable) book.release(one);
      expect(book.place(needsFor(host, who), who).kind).toBe('placed');
    }),
    { numRuns: 500 }, // not every host comes to this
  );
});

it('who asked first is served first, whatever others ask for meanwhile', () => {
  fc.assert(
    fc.property(someHost, fc.array(fc.constantFrom(...names), { maxLength: 20 }), (host, order) => {
      const first = 'first';
      const book = new GpuBook(host.gpus, () => 0);
      const holders = names.filter((who) => book.place(needsFor(host, who), who).kind === 'placed');
      for (const who of names) if (!holders.includes(who)) book.release(who); // they asked before, and give up
      const needs = needsOf({ count: 'all' });
      if (book.place(needs, first).kind !== 'wait') return;
      for (const who of holders) {
        book.release(who);
        // those that want few ask again and again, and must not get what the first one can use
        for (const other of order) if (!holders.includes(other)) expect(book.place(needsFor(host, other), other).kind).not.toBe('placed');
      }
      for (const who of names) if (book.cardsOf(who).length > 0) book.release(who);
      expect(book.place(needs, first).kind).toBe('placed');
    }),
  );
});
