import type { RunId } from '@exosphere/model';
import type { PostgresLedger } from '@exosphere/postgres';

/** A figure of a run that lost or doubled something is none: so many executions must have completed. */
export async function countEnded(ledger: PostgresLedger, run: RunId, expected: number): Promise<void> {
  const counts = await ledger.readCounts(run);
  const completed = counts.filter(({ kind }) => kind === 'completed').reduce((total, { add }) => total + add, 0);
  if (completed !== expected) throw new TypeError(`${String(completed)} executions completed, ${String(expected)} were expected`);
}
