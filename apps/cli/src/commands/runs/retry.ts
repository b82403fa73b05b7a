import { resolveExecution, retryRun, RunRegistry } from '@exosphere/engine';
import type { CommandPlace, RetryFilter } from '@exosphere/engine';
import { ExosphereError, isJsonObject } from '@exosphere/model';
import type { JsonObject, RunId } from '@exosphere/model';
import type { ByHand } from '@exosphere/run-machine';
import { stepAt } from '@exosphere/run-machine';
import type { Call } from '../../command/command.ts';
import { UsageError } from '../../command/usage-error.ts';
import { onSiteOf, queueOf, serviceQueue } from '../../compose/existing-run.ts';
import { findExecution } from '../../compose/find-execution.ts';
import { findRun } from '../../compose/find-run.ts';
import { withLedger } from '../../compose/open-ledger.ts';
import { parseJson, readText } from '../../compose/read-text.ts';
import { seeThrough } from '../../compose/see-through.ts';
import { inSession } from '../../compose/session.ts';
import { systemClock } from '../../compose/system-clock.ts';
import type { ExitCode } from '../../exit-code.ts';
import { exitCodes } from '../../exit-code.ts';

/** `exo runs retry` */
export async function retryCommand(call: Call): Promise<ExitCode> {
  const { options } = call;
  const [step, error, execution] = [options.text('step'), options.text('error'), options.text('item')];
  const filter: RetryFilter = {
    ...(step === null ? {} : { step }),
    ...(error === null ? {} : { error }),
    ...(execution === null ? {} : { execution }),
  };
  return inNewRound(call, async (place, run) => {
    const taken = await retryRun(place, run, filter);
    return `${taken} execution${taken === 1 ? '' : 's'} again`;
  });
}

/** `exo runs resolve` */
export async function resolveCommand(call: Call): Promise<ExitCode> {
  const item = call.operands[1] ?? '';
  const byHand = await decisionOf(call);
  return inNewRound(call, async (place, run) => {
    await requireFitting(place, run, item, byHand);
    await resolveExecution(place, run, item, byHand);
    return `${item} settled by hand`;
  });
}

/** An output takes the place of what the satellite would have returned: one object where it returns one. */
async function requireFitting({ ledger, runs }: CommandPlace, run: RunId, item: string, byHand: ByHand): Promise<void> {
  const info = await runs.get(run);
  const row = await findExecution(ledger, info, item);
  if (row === null)
    throw new ExosphereError('execution-unknown', `Run ${run} has no ended execution '${item}'. Failed ones: exo runs show ${run}`);
  const { identifier, satellite } = stepAt(info.graph, row.step).plan;
  if (byHand.kind === 'skip' || satellite.cardinality === 'many' || byHand.objects.length === 1) return;
  throw new UsageError(`Step '${identifier}' returns one object, and the file has ${byHand.objects.length}.`);
}

async function decisionOf({ options }: Call): Promise<ByHand> {
  const file = options.text('output');
  if (options.flag('skip') === (file !== null))
    throw new UsageError("'exo runs resolve' needs one of --output FILE and --skip.", 'exo runs resolve --help');
  if (file === null) return { kind: 'skip' };
  const value = parseJson(await readText(file), `The file '${file}'`);
  const objects: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!objects.every((object): object is JsonObject => isJsonObject(object))) {
    throw new UsageError(`The file '${file}' must hold an object, or for a step that returns many a list of objects.`);
  }
  return { kind: 'output', objects };
}

/** Opens a round on an ended run, and sees it through. */
async function inNewRound(call: Call, open: (place: CommandPlace, run: RunId) => Promise<string>): Promise<ExitCode> {
  return inSession(call, (session) =>
    withLedger(session, async ({ ledger, databaseUrl }) => {
      const run = await findRun(ledger, call.operands[0] ?? '');
      if ((await queueOf(databaseUrl, run)).queue === serviceQueue) {
        const done = await open({ ledger, clock: systemClock, runs: new RunRegistry(ledger) }, run);
        session.progress.note(`Run ${run}: ${done}; the workers of its service go on with it`);
        return exitCodes.ok;
      }
      const existing = { databaseUrl, run, environment: call.options.text('env') };
      return onSiteOf(existing, session, async (site) => {
        const done = await open(site.place, run);
        session.progress.note(`Run ${run}: ${done}`);
        return seeThrough(site, run, session);
      });
    }),
  );
}
