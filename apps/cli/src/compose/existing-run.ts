import { ExosphereError } from '@exosphere/model';
import type { RunId } from '@exosphere/model';
import type { RunRow } from '@exosphere/ports';
import { readRunQueues } from '@exosphere/postgres';
import type { PostgresLedger, RunQueue } from '@exosphere/postgres';
import { openFileVault } from '@exosphere/vault';
import type { ExitCode } from '../exit-code.ts';
import { openArtifacts } from './artifacts.ts';
import { readEnvironmentFile } from './environment-file.ts';
import { secretSource } from './secret-source.ts';
import { onSite } from './see-through.ts';
import type { Finished } from './see-through.ts';
import type { Session } from './session.ts';
import { requireRunnable } from './work-site.ts';
import type { Surroundings, WorkSite } from './work-site.ts';

/** The queue that services share: their workers take what is in it. */
export const serviceQueue = 'work';

/** Which run, and in which environment it goes on (null: in the one that it was started in). */
export interface ExistingRun {
  readonly databaseUrl: string;
  readonly run: RunId;
  readonly environment: string | null;
}

/**
 * The queue of a run.
 *
 * @throws ExosphereError `run-unknown`
 */
export async function queueOf(databaseUrl: string, run: RunId): Promise<RunQueue> {
  const queue = (await readRunQueues(databaseUrl, [run])).get(run);
  if (queue === undefined) throw new ExosphereError('run-unknown', `There is no run ${run} in this database.`);
  return queue;
}

/** Opens a site for a run that there is, with the satellites and the environment that it was begun with. */
export async function onSiteOf(existing: ExistingRun, session: Session, work: (site: WorkSite) => Promise<Finished>): Promise<ExitCode> {
  const { config, out } = session.call;
  const { queue } = await queueOf(existing.databaseUrl, existing.run);
  const artifacts = openArtifacts(config.stateFolder);
  const options = {
    ...{ config, artifacts, databaseUrl: existing.databaseUrl, queue, signal: session.signal },
    surroundings: async (ledger: PostgresLedger) => {
      const row = await ledger.readRun(existing.run);
      if (row === null) throw new ExosphereError('run-unknown', `There is no run ${existing.run} in this database.`);
      const plan = await ledger.readPlan(row.revision);
      if (plan !== null) await requireRunnable(plan, artifacts, config);
      return surroundingsOf(row, existing, session);
    },
    onNote: (text: string) => session.progress.note(out.paint('yellow', text)),
    onDoing: session.progress.doing,
  };
  return onSite(options, work);
}

async function surroundingsOf(row: RunRow, existing: ExistingRun, { call }: Session): Promise<Surroundings> {
  const { config } = call;
  const vault = openFileVault({ folder: config.stateFolder });
  const name = existing.environment ?? row.environment;
  if (name === null) return { secrets: vault, endpoints: {} };
  const file = await readEnvironmentFile(name, null, config);
  const { environment } = file.reading;
  if (environment === null) {
    throw new ExosphereError(
      'environment-invalid',
      `The environment '${file.shown}' of the run is not valid any more. Look: exo validate FILE --env ${name}`,
    );
  }
  return { secrets: await secretSource({ environment, path: file.path }, vault, config.variable), endpoints: environment.endpoints };
}

/** Whether somebody works on a run; null: a service does, or not, and that is its affair. */
export function heldOf(queue: RunQueue | undefined): boolean | null {
  return queue === undefined || queue.queue === serviceQueue ? null : queue.isHeld;
}
