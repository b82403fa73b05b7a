import type { RunId } from '@exosphere/model';
import type { Ledger } from '@exosphere/ports';

/** A ledger that is listened to. */
export interface HeardLedger {
  readonly ledger: Ledger;
  /** When the end of a run was recorded, as `performance.now()` gives it. */
  ended(run: RunId): Promise<number>;
}

/** Hears from the ledger itself when runs end: asking it all the time would slow down what is measured. */
export function heardLedger(ledger: Ledger): HeardLedger {
  const ends = new Map<RunId, PromiseWithResolvers<number>>();
  const endOf = (run: RunId): PromiseWithResolvers<number> => {
    const end = ends.get(run) ?? Promise.withResolvers<number>();
    ends.set(run, end);
    return end;
  };
  return {
    ledger: {
      ...ledger,
      endRun: async (run, end) => {
        const isEnded = await ledger.endRun(run, end);
        if (isEnded) endOf(run).resolve(performance.now());
        return isEnded;
      },
    },
    ended: async (run) => {
      const at = await endOf(run).promise;
      ends.delete(run);
      return at;
    },
  };
}
