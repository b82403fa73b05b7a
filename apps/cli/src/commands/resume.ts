import { ExosphereError } from '@exosphere/model';
import type { RunId } from '@exosphere/model';
import type { RunReader } from '@exosphere/ports';
import { connectLedger } from '@exosphere/postgres';
import type { Call } from '../command/command.ts';
import { onSiteOf, queueOf, serviceQueue } from '../compose/existing-run.ts';
import { findRun } from '../compose/find-run.ts';
import { latestInterrupted } from '../compose/interrupted-runs.ts';
import { clusterIdentifierIn } from '../compose/cluster-family.ts';
import { seeThrough } from '../compose/see-through.ts';
import { inSession, withDatabase } from '../compose/session.ts';
import type { Session } from '../compose/session.ts';
import type { ExitCode } from '../exit-code.ts';

/** `exo run [FILE] --resume [RUN]` */
export async function resumeCommand(call: Call): Promise<ExitCode> {
  return inSession(call, (session) =>
    withDatabase(session, async ({ url }) => {
      const run = await chooseRun(url, session);
      const existing = { databaseUrl: url, run, environment: call.options.text('env') };
      return onSiteOf(existing, session, (site) => {
        session.progress.note(`Going on with run ${run}`);
        return seeThrough(site, run, session);
      });
    }),
  );
}

async function chooseRun(databaseUrl: string, { call, signal }: Session): Promise<RunId> {
  const ledger = await connectLedger({ connectionString: databaseUrl, signal });
  try {
    const named = call.options.text('resume') ?? '';
    return named === '' ? await interruptedRun(ledger, databaseUrl, call) : await openRun(ledger, databaseUrl, named);
  } finally {
    await ledger.close();
  }
}

async function openRun(ledger: Pick<RunReader, 'listRuns' | 'findRun' | 'readDetail'>, databaseUrl: string, named: string): Promise<RunId> {
  const run = await findRun(ledger, named);
  const { queue } = await queueOf(databaseUrl, run);
  const status = (await ledger.readDetail(run))?.run;
  if (status !== undefined && status.endedAt !== null) {
    throw new ExosphereError('run-has-ended', `Run ${run} has ended: ${status.status}. To do what failed again: exo runs retry ${run}`);
  }
  if (queue === serviceQueue) throw new ExosphereError('run-busy', `Run ${run} belongs to a service, whose workers go on with it.`);
  return run;
}

async function interruptedRun(ledger: RunReader, databaseUrl: string, { operands: [file] }: Call): Promise<RunId> {
  const filter = file === undefined ? {} : { cluster: await clusterIdentifierIn(file) };
  const run = await latestInterrupted(ledger, databaseUrl, filter);
  if (run !== null) return run;
  const of = file === undefined ? '' : ` of '${file}'`;
  throw new ExosphereError('nothing-to-resume', `No run${of} is interrupted. Look: exo runs ls`);
}
