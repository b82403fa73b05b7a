import { ExosphereError } from '@exosphere/model';
import type { RunId } from '@exosphere/model';
import type { RunControl } from '@exosphere/ports';
import type { PostgresLedger } from '@exosphere/postgres';
import type { Call } from '../../command/command.ts';
import { heldOf, onSiteOf, queueOf } from '../../compose/existing-run.ts';
import { findRun } from '../../compose/find-run.ts';
import type { LedgerInUse } from '../../compose/open-ledger.ts';
import { withLedger } from '../../compose/open-ledger.ts';
import { seeThrough } from '../../compose/see-through.ts';
import { inSession } from '../../compose/session.ts';
import type { Session } from '../../compose/session.ts';
import { systemClock } from '../../compose/system-clock.ts';
import type { ExitCode } from '../../exit-code.ts';
import { exitCodes } from '../../exit-code.ts';
import { printReport } from '../../output/print-report.ts';
import { readReport } from '../../progress/run-report.ts';

const looksEveryMs = 200;

/** `exo runs cancel`: what runs and what is pending becomes cancelled; a second time stops what still cleans up. */
export async function cancelCommand(call: Call): Promise<ExitCode> {
  return onOpenRun(call, async (run, use, session) => {
    const before = (await use.ledger.readRun(run))?.control;
    const control = await raise(use.ledger, run, before === 'cancelling' ? 'cancelling-all' : 'cancelling');
    session.progress.note(`Run ${run}: ${control === 'cancelling-all' ? 'what still cleans up is stopped' : 'cancelling'}`);
    if (call.options.flag('no-wait')) return exitCodes.ok;
    if (heldOf(await queueOf(use.databaseUrl, run)) !== false) return waitForEnd(run, use, session);
    // Nobody works on it: what is pending is recorded as cancelled here.
    const existing = { databaseUrl: use.databaseUrl, run, environment: call.options.text('env') };
    const code = await onSiteOf(existing, session, (site) => seeThrough(site, run, session));
    return code === exitCodes.cancelled ? exitCodes.ok : code;
  });
}

/** `exo runs pause` */
export async function pauseCommand(call: Call): Promise<ExitCode> {
  return onOpenRun(call, async (run, { ledger }, { progress }) => {
    await raise(ledger, run, 'paused');
    progress.note(`Run ${run}: paused. Nothing new starts until: exo runs resume ${run}`);
    return exitCodes.ok;
  });
}

/** `exo runs resume` */
export async function resumeRunCommand(call: Call): Promise<ExitCode> {
  return onOpenRun(call, async (run, { ledger, databaseUrl }, { progress }) => {
    await raise(ledger, run, 'go');
    const isInterrupted = heldOf(await queueOf(databaseUrl, run)) === false;
    progress.note(`Run ${run} goes on${isInterrupted ? ` when somebody works on it: exo run --resume ${run}` : ''}`);
    return exitCodes.ok;
  });
}

async function onOpenRun(call: Call, work: (run: RunId, use: LedgerInUse, session: Session) => Promise<ExitCode>): Promise<ExitCode> {
  return inSession(call, (session) =>
    withLedger(session, async (use) => work(await findRun(use.ledger, call.operands[0] ?? ''), use, session)),
  );
}

async function raise(ledger: PostgresLedger, run: RunId, control: RunControl): Promise<RunControl> {
  const raised = await ledger.control(run, control);
  if (raised === null) throw new ExosphereError('run-has-ended', `Run ${run} has ended, or there is none such. Look: exo runs show ${run}`);
  return raised;
}

async function waitForEnd(run: RunId, { ledger, databaseUrl }: LedgerInUse, { signal, call }: Session): Promise<ExitCode> {
  while (!signal.aborted && (await ledger.readRun(run))?.endedAt === null) await systemClock.sleep(looksEveryMs, signal);
  const report = await readReport(ledger, run, heldOf(await queueOf(databaseUrl, run)));
  if (call.out.isJson) call.out.json(report);
  else printReport(report, call.out);
  return report.endedAt === null ? exitCodes.interrupted : exitCodes.ok;
}
