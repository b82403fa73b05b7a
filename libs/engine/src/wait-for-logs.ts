import type { RunId } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { Clock, Ledger, RunRow } from '@exosphere/ports';

const lookEveryMs = 250;

/**
 * Waits until the log records of a run have been delivered, or given up: at most 10 minutes after its end, as long as some process forwards
 * them. `pending`: the signal came first.
 *
 * @throws ExosphereError `run-unknown`
 */
export async function waitForLogs(
  place: { readonly ledger: Pick<Ledger, 'readRun'>; readonly clock: Clock },
  run: RunId,
  signal: AbortSignal,
): Promise<RunRow['logs']> {
  for (;;) {
    const row = await place.ledger.readRun(run);
    if (row === null) throw new ExosphereError('run-unknown', `there is no run ${run} in this database`);
    if (row.logs !== 'pending' || signal.aborted) return row.logs;
    await place.clock.sleep(lookEveryMs, signal);
  }
}
