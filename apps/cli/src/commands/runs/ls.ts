import type { RunStatus } from '@exosphere/model';
import type { RunFilter, RunRow } from '@exosphere/ports';
import { readRunQueues } from '@exosphere/postgres';
import type { Call } from '../../command/command.ts';
import { UsageError } from '../../command/usage-error.ts';
import { heldOf } from '../../compose/existing-run.ts';
import { withLedger } from '../../compose/open-ledger.ts';
import { inSession } from '../../compose/session.ts';
import { systemClock } from '../../compose/system-clock.ts';
import type { ExitCode } from '../../exit-code.ts';
import { exitCodes } from '../../exit-code.ts';
import type { Output } from '../../output/output.ts';
import { paintStatus } from '../../output/print-report.ts';
import { secondsText } from '../../output/seconds-text.ts';
import type { ShownStatus } from '../../progress/run-report.ts';
import { shownStatus } from '../../progress/run-report.ts';

const statuses: readonly RunStatus[] = ['pending', 'running', 'completed', 'partial', 'failed', 'cancelled'];
const help = 'exo runs ls --help';

/** `exo runs ls` */
export async function lsCommand(call: Call): Promise<ExitCode> {
  const { options, out } = call;
  const filter = filterOf(options.text('cluster'), options.texts('status'));
  const limit = limitOf(options.text('limit'));
  return inSession(call, (session) =>
    withLedger(session, async ({ ledger, databaseUrl }) => {
      const { items, next } = await ledger.listRuns(filter, { after: options.text('after'), limit });
      const queues = await readRunQueues(databaseUrl, items.map(({ id }) => id)); // prettier-ignore
      const rows = items.map((run) => ({ run, status: shownStatus({ run, queued: false }, heldOf(queues.get(run.id))) }));
      if (out.isJson) out.json({ runs: rows.map(({ run, status }) => ({ ...run, status })), next });
      else print(rows, next, out);
      return exitCodes.ok;
    }),
  );
}

function filterOf(cluster: string | null, given: readonly string[]): RunFilter {
  const wanted = given.flatMap((text) => text.split(','));
  for (const status of wanted) {
    if (!statuses.some((known) => known === status))
      throw new UsageError(`There is no status '${status}'. There are: ${statuses.join(', ')}.`, help);
  }
  return {
    ...(cluster === null ? {} : { cluster: cluster.replace(/^cluster\//, '') }),
    ...(wanted.length === 0 ? {} : { statuses: wanted as readonly RunStatus[] }), // checked above
  };
}

function limitOf(text: string | null): number {
  const limit = Number(text ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw new UsageError(`--limit is '${text ?? ''}', expected 1 to 1000.`, help);
  return limit;
}

function print(rows: readonly { readonly run: RunRow; readonly status: ShownStatus }[], next: string | null, out: Output): void {
  if (rows.length === 0) return out.line('There is no run.');
  const names = rows.map(({ run }) => `${run.cluster} #${run.number}`);
  const width = Math.max(...names.map((name) => name.length));
  for (const [index, { run, status }] of rows.entries()) {
    const took = run.endedAt === null ? '' : secondsText((run.endedAt - run.acceptedAt) / 1_000);
    const ago = `${secondsText((systemClock.now() - run.acceptedAt) / 1_000)} ago`;
    const notes = [
      run.environment === null ? '' : `env ${run.environment}`,
      run.late ? 'late' : '',
      run.logs === 'given-up' ? 'logs given up' : '',
    ];
    const painted = `${paintStatus(status, out)}${' '.repeat(12 - status.length)}`;
    out.line(
      `${run.id}  ${(names[index] ?? '').padEnd(width)}  ${painted}${took.padEnd(12)}${ago.padEnd(16)}${notes.filter((note) => note !== '').join(', ')}`.trimEnd(),
    );
  }
  if (next !== null) out.line(out.paint('dim', `more: exo runs ls --after ${next}`));
}
