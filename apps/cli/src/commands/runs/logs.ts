import type { LogLevel, LogRecord, RunId } from '@exosphere/model';
import type { LogCursor, LogFilter } from '@exosphere/ports';
import type { PostgresLedger } from '@exosphere/postgres';
import type { Call } from '../../command/command.ts';
import { UsageError } from '../../command/usage-error.ts';
import { findRun } from '../../compose/find-run.ts';
import { withLedger } from '../../compose/open-ledger.ts';
import { inSession } from '../../compose/session.ts';
import type { Session } from '../../compose/session.ts';
import { systemClock } from '../../compose/system-clock.ts';
import type { ExitCode } from '../../exit-code.ts';
import { exitCodes } from '../../exit-code.ts';
import type { Colour, Output } from '../../output/output.ts';

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const pageSize = 500;
const looksEveryMs = 500;

/** `exo runs logs` */
export async function logsCommand(call: Call): Promise<ExitCode> {
  const { operands, options } = call;
  const filter = filterOf(call);
  return inSession(call, (session) =>
    withLedger(session, async ({ ledger }) => {
      const run = await findRun(ledger, operands[0] ?? '');
      await printLogs(ledger, run, { filter, follow: options.flag('follow'), session });
      return session.signal.aborted ? exitCodes.interrupted : exitCodes.ok;
    }),
  );
}

function filterOf({ options }: Call): LogFilter {
  const level = options.text('level');
  const least = levels.find((known) => known === level);
  if (level !== null && least === undefined)
    throw new UsageError(`There is no level '${level}'. There are: ${levels.join(', ')}.`, 'exo runs logs --help');
  const [step, execution] = [options.text('step'), options.text('execution')];
  return {
    ...(step === null ? {} : { step }),
    ...(execution === null ? {} : { execution }),
    ...(least === undefined ? {} : { leastLevel: least }),
  };
}

interface Following {
  readonly filter: LogFilter;
  readonly follow: boolean;
  readonly session: Session;
}

/** All that there is; then, if it is followed, what comes until the run has ended. */
async function printLogs(ledger: PostgresLedger, run: RunId, { filter, follow, session }: Following): Promise<void> {
  const { signal, call } = session;
  let after: LogCursor | null = null;
  while (!signal.aborted) {
    const isOver = !follow || (await ledger.readRun(run))?.endedAt !== null;
    let page;
    do {
      page = await ledger.readLogs(run, filter, { after, limit: pageSize });
      for (const record of page.records) printRecord(record, call.out);
      after = page.last;
      signal.throwIfAborted();
    } while (page.next !== null);
    if (isOver && !page.waiting) return;
    await systemClock.sleep(looksEveryMs, signal);
  }
}

const colours: Readonly<Record<LogLevel, Colour>> = { debug: 'dim', info: 'cyan', warn: 'yellow', error: 'red' };

/** With `--json` one record a line. */
function printRecord(record: LogRecord, out: Output): void {
  if (out.isJson) return out.raw(`${JSON.stringify(record)}\n`);
  const { time, level, message, execution, step, fields } = record;
  const where = execution ?? step ?? 'run';
  const rest = Object.keys(fields).length === 0 ? '' : ` ${out.paint('dim', JSON.stringify(fields))}`;
  out.line(`${out.paint('dim', time)} ${out.paint(colours[level], level.padEnd(5))} ${out.paint('bold', where)} ${message}${rest}`);
}
