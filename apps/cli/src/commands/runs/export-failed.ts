import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { describeExecution, RunRegistry } from '@exosphere/engine';
import type { RunInfo } from '@exosphere/engine';
import { jsonpath } from '@exosphere/jsonpath';
import type { Json } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { ExecutionFilter, ExecutionRow } from '@exosphere/ports';
import type { PostgresLedger } from '@exosphere/postgres';
import { stepAt } from '@exosphere/run-machine';
import type { Call } from '../../command/command.ts';
import { findRun } from '../../compose/find-run.ts';
import { withLedger } from '../../compose/open-ledger.ts';
import { inSession } from '../../compose/session.ts';
import type { ExitCode } from '../../exit-code.ts';
import { exitCodes } from '../../exit-code.ts';

const pageSize = 200;

/** `exo runs export-failed` */
export async function exportFailedCommand(call: Call): Promise<ExitCode> {
  const { operands, options, out } = call;
  return inSession(call, (session) =>
    withLedger(session, async ({ ledger }) => {
      const run = await new RunRegistry(ledger).get(await findRun(ledger, operands[0] ?? ''));
      const file = options.text('output');
      const target = file === null ? process.stdout : createWriteStream(file);
      const lines = failedLines(ledger, run, {
        step: options.text('step'),
        error: options.text('error'),
        itemsOnly: options.flag('items'),
      });
      const count = await write(lines, target, file);
      out.note(
        `${count} failed ${options.flag('items') ? 'item' : 'execution'}${count === 1 ? '' : 's'}${file === null ? '' : ` in ${file}`}`,
      );
      if (count > 0 && options.flag('items')) out.note(`As a new run: exo run FILE --item ${file ?? 'ITEMS.jsonl'} --origin ${run.row.id}`);
      return exitCodes.ok;
    }),
  );
}

interface Wanted {
  readonly step: string | null;
  readonly error: string | null;
  /** The items of the trigger that they come from, each once: what a new run takes. */
  readonly itemsOnly: boolean;
}

async function* failedLines(ledger: PostgresLedger, run: RunInfo, { step, error, itemsOnly }: Wanted): AsyncGenerator<Json> {
  const number = step === null ? null : run.graph.numberOf.get(step);
  if (number === undefined) throw new ExosphereError('execution-unknown', `Run ${run.row.id} has no step '${step ?? ''}'.`);
  const filter: ExecutionFilter = {
    ...{ statuses: ['failed'], origin: -1 },
    ...(number === null ? {} : { step: number }),
    ...(error === null ? {} : { errorText: error }),
  };
  const seen = new Set<number>();
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<PostgresLedger['listExecutions']>> = await ledger.listExecutions(run.row.id, filter, {
      after,
      limit: pageSize,
    });
    for (const row of page.items) {
      if (!itemsOnly) yield await failedExecution(ledger, run, row);
      else if (isNew(seen, triggerIndex(run, row))) yield await triggerItem(ledger, run, row);
    }
    after = page.next;
  } while (after !== null);
}

/** Below a `collect: run` no item of the trigger is to blame. */
function triggerIndex(run: RunInfo, { step, path }: ExecutionRow): number | null {
  return stepAt(run.graph, step).plan.rooted ? (path[0] ?? null) : null;
}

function isNew(seen: Set<number>, index: number | null): boolean {
  if (index === null || seen.has(index)) return false;
  seen.add(index);
  return true;
}

async function triggerItem(ledger: PostgresLedger, run: RunInfo, row: ExecutionRow): Promise<Json> {
  const from = triggerIndex(run, row) ?? 0;
  const [item = null] = await ledger.readObjects({ run: run.row.id, step: -1, path: [], origin: -1, keyRound: null, from, count: 1 });
  return item;
}

async function failedExecution(ledger: PostgresLedger, run: RunInfo, row: ExecutionRow): Promise<Json> {
  const { step, path, origin, keyRound } = row;
  const [{ name, error, item, config, input, parents }, attempts] = await Promise.all([
    describeExecution(ledger, run, row, { jsonpath }),
    ledger.readAttempts(run.row.id, { step, path, origin, round: keyRound }),
  ]);
  const failedAttempts = attempts.map((attempt) => ({
    attempt: attempt.attempt,
    startedAt: new Date(attempt.startedAt).toISOString(),
    endedAt: new Date(attempt.endedAt).toISOString(),
    error: JSON.parse(attempt.error) as Json, // written by the engine
  }));
  const plainError: Json = error === null ? null : { ...error };
  return {
    run: run.row.id,
    execution: name,
    step: stepAt(run.graph, step).plan.identifier,
    error: plainError,
    attempts: failedAttempts,
    parents,
    item,
    config,
    input,
  };
}

/** JSON lines, no faster than they are taken. */
async function write(lines: AsyncIterable<Json>, target: Writable, file: string | null): Promise<number> {
  let count = 0;
  try {
    for await (const line of lines) {
      if (!target.write(`${JSON.stringify(line)}\n`)) await once(target, 'drain');
      count += 1;
    }
    if (file !== null) await finished(target.end());
  } catch (cause) {
    if (cause instanceof ExosphereError || file === null) throw cause;
    throw new ExosphereError(
      'file-unwritable',
      `The file '${file}' cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
  return count;
}
