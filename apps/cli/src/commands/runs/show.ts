import { describeExecution, RunRegistry } from '@exosphere/engine';
import { jsonpath } from '@exosphere/jsonpath';
import { ExosphereError } from '@exosphere/model';
import type { RunId } from '@exosphere/model';
import type { PostgresLedger } from '@exosphere/postgres';
import type { Call } from '../../command/command.ts';
import { heldOf, queueOf } from '../../compose/existing-run.ts';
import { findExecution } from '../../compose/find-execution.ts';
import { findRun } from '../../compose/find-run.ts';
import { withLedger } from '../../compose/open-ledger.ts';
import { inSession } from '../../compose/session.ts';
import type { ExitCode } from '../../exit-code.ts';
import { exitCodes } from '../../exit-code.ts';
import type { Output } from '../../output/output.ts';
import { printExecution } from '../../output/print-execution.ts';
import { printReport } from '../../output/print-report.ts';
import { readReport } from '../../progress/run-report.ts';

/** `exo runs show` */
export async function showCommand(call: Call): Promise<ExitCode> {
  const { operands, out } = call;
  const [named = '', item] = operands;
  return inSession(call, (session) =>
    withLedger(session, async ({ ledger, databaseUrl }) => {
      const run = await findRun(ledger, named);
      if (item !== undefined) return showExecution(ledger, { run, item, out });
      const report = await readReport(ledger, run, heldOf(await queueOf(databaseUrl, run)));
      if (out.isJson) out.json(report);
      else printReport(report, out);
      return exitCodes.ok;
    }),
  );
}

interface Wanted {
  readonly run: RunId;
  /** As people see it: `parse[1]`. */
  readonly item: string;
  readonly out: Output;
}

async function showExecution(ledger: PostgresLedger, { run, item, out }: Wanted): Promise<ExitCode> {
  const info = await new RunRegistry(ledger).get(run);
  const row = await findExecution(ledger, info, item);
  if (row === null)
    throw new ExosphereError('execution-unknown', `Run ${run} has no ended execution '${item}'. Failed ones: exo runs show ${run}`);
  const { step, path, origin, keyRound } = row;
  const [description, attempts] = await Promise.all([
    describeExecution(ledger, info, row, { jsonpath }),
    ledger.readAttempts(run, { step, path, origin, round: keyRound }),
  ]);
  if (out.isJson) out.json({ ...description, failedAttempts: attempts });
  else printExecution(description, attempts, out);
  return exitCodes.ok;
}
