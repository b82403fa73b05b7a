import type { RunInfo } from '@exosphere/engine';
import { ExosphereError } from '@exosphere/model';
import type { RunId } from '@exosphere/model';
import type { RunDetail } from '@exosphere/ports';
import type { RunProgress } from '../output/run-progress.ts';
import { stepProgress } from '../progress/expected-counts.ts';
import { readReport } from '../progress/run-report.ts';
import type { RunReport } from '../progress/run-report.ts';
import { systemClock } from './system-clock.ts';
import type { WorkSite } from './work-site.ts';

const looksEveryMs = { atFirst: 100, later: 500 } as const;
const atFirstMs = 5_000;
/** How long a display waits for a database that is away; the worker waits for ever. */
const reportAfterMs = 30_000;

/**
 * Works on a run until it has ended and its log records are delivered (or given up) or the signal aborts, and shows how
 * it goes.
 *
 * @returns what became of it; a run that is left open is `interrupted`
 */
export async function carryOut(
  site: WorkSite,
  run: RunId,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: RunProgress },
): Promise<RunReport> {
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  const working = site.work(until);
  try {
    const info = await site.place.runs.get(run);
    await Promise.race([working, follow(site, info, { signal: until, progress })]);
  } finally {
    stop.abort();
    progress.end();
    await working;
  }
  const isHeld = !signal.aborted;
  return await withPatience(() => readReport(site.ledger, run, isHeld));
}

async function follow(
  site: WorkSite,
  info: RunInfo,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: RunProgress },
): Promise<void> {
  const begun = systemClock.now();
  while (!signal.aborted) {
    const detail = await readQuietly(site, info.row.id);
    const now = systemClock.now();
    if (detail !== null) {
      progress.show(detail, stepProgress(info.graph, detail.counts, info.row.items), now);
      if (detail.run.endedAt !== null) {
        if (detail.run.logs !== 'pending') return;
        site.nudge();
      }
    }
    await systemClock.sleep(now - begun < atFirstMs ? looksEveryMs.atFirst : looksEveryMs.later, signal);
  }
}

/** Null: the database is away for now, which the worker says. */
async function readQuietly({ ledger }: WorkSite, run: RunId): Promise<RunDetail | null> {
  try {
    return await ledger.readDetail(run);
  } catch (error) {
    if (error instanceof ExosphereError && error.retryable) return null;
    throw error;
  }
}

async function withPatience<T>(read: () => Promise<T>): Promise<T> {
  const until = systemClock.now() + reportAfterMs;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ExosphereError) || !error.retryable || systemClock.now() > until) throw error;
      await systemClock.sleep(500, new AbortController().signal);
    }
  }
}
