/**
 * What a gate remembers of what ended before it: six counts for each of its needs, in one list.
 *
 * `good` and `done` count executions of the need itself; the others count what ended anywhere before it, in the scope.
 */
export interface NeedTally {
  /** Completed on a live branch. */
  readonly good: number;
  /** Completed, on any branch. */
  readonly done: number;
  /** Branches that failed. */
  readonly bad: number;
  /** Of those, the ones that had a failure chain. */
  readonly handled: number;
  /** Steps that run once in the scope and were skipped. */
  readonly skipped: number;
  readonly cancelled: number;
}

const order = ['good', 'done', 'bad', 'handled', 'skipped', 'cancelled'] as const;
export type TallyKind = (typeof order)[number];

/** The tally of a gate behind which nothing has ended. */
export function emptyTally(needs: number): number[] {
  return new Array<number>(needs * order.length).fill(0);
}

/** Adds to one count of one need, in place: the list is still being made. */
export function addToTally(tally: number[], need: number, kind: TallyKind, amount: number): void {
  const at = need * order.length + order.indexOf(kind);
  tally[at] = (tally[at] ?? 0) + amount;
}

/** What a tally says of one need, by its place among the gate's needs. */
export function tallyOf(tally: readonly number[], need: number): NeedTally {
  const at = need * order.length;
  const count = (kind: TallyKind): number => tally[at + order.indexOf(kind)] ?? 0;
  return {
    good: count('good'),
    done: count('done'),
    bad: count('bad'),
    handled: count('handled'),
    skipped: count('skipped'),
    cancelled: count('cancelled'),
  };
}
