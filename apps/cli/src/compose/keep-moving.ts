import { finishRun } from '@exosphere/engine';
import type { CommandPlace, Worker } from '@exosphere/engine';
import { ExosphereError } from '@exosphere/model';
import type { WorkerReport } from '@exosphere/ports';
import type { BackgroundService } from './background-service.ts';

const mostWaitMs = 1_000;

/** Wakes what is due and what was forgotten, and ends runs that a crash left behind: whatever was lost is found here again. */
export function keepMoving(place: CommandPlace, worker: Worker, report: WorkerReport): BackgroundService {
  const look = async (): Promise<number> => {
    const { woken, nextDueAt } = await place.ledger.wakeDue();
    if (woken > 0) worker.nudge();
    for (const run of await place.ledger.settledRuns(100)) await finishRun(place, run);
    return nextDueAt === null ? mostWaitMs : Math.min(mostWaitMs, Math.max(10, nextDueAt - place.clock.now()));
  };
  return {
    work: async (signal) => {
      while (!signal.aborted) {
        let wait = mostWaitMs;
        try {
          wait = await look();
        } catch (error) {
          if (!(error instanceof ExosphereError) || !error.retryable) throw error;
          report.warn('what is due could not be looked for', { error });
        }
        await place.clock.sleep(wait, signal);
      }
    },
  };
}
