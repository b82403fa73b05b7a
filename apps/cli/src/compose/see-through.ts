import type { RunId } from '@exosphere/model';
import type { ExitCode } from '../exit-code.ts';
import { exitCodes } from '../exit-code.ts';
import { exitCodeOf } from '../exit-code-of.ts';
import { printReport } from '../output/print-report.ts';
import { carryOut } from './carry-out.ts';
import type { Session } from './session.ts';
import { openWorkSite } from './work-site.ts';
import type { WorkSite, WorkSiteOptions } from './work-site.ts';

/** How a command left a run. */
export interface Finished {
  readonly exitCode: ExitCode;
  /** Its queue is not needed any more. */
  readonly runEnded: boolean;
}

/** Opens a site for the work, and closes it whatever becomes of that. */
export async function onSite(options: WorkSiteOptions, work: (site: WorkSite) => Promise<Finished>): Promise<ExitCode> {
  const site = await openWorkSite(options);
  let runEnded = false;
  try {
    const finished = await work(site);
    runEnded = finished.runEnded;
    return finished.exitCode;
  } finally {
    await site.close({ runEnded });
  }
}

/** Works on a run until it ends or is interrupted, shows how it goes, and tells what became of it. */
export async function seeThrough(site: WorkSite, run: RunId, { call, signal, progress }: Session): Promise<Finished> {
  const { out } = call;
  const report = await carryOut(site, run, { signal, progress });
  if (out.isJson) out.json(report);
  printReport(report, out);
  const runEnded = report.endedAt !== null;
  return { exitCode: runEnded ? exitCodeOf(report.status) : exitCodes.interrupted, runEnded };
}
