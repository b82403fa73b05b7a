import { startRun } from '@exosphere/engine';
import type { StartRequest } from '@exosphere/engine';
import { InternalError } from '@exosphere/model';
import type { Plan, RunId } from '@exosphere/model';
import { imagePin } from '@exosphere/runtime-docker';
import { openFileVault } from '@exosphere/vault';
import type { FileVault } from '@exosphere/vault';
import type { Call } from '../command/command.ts';
import { UsageError } from '../command/usage-error.ts';
import { loadCluster } from '../compose/load-cluster.ts';
import type { LoadedCluster } from '../compose/load-cluster.ts';
import { openDatabase } from '../compose/open-database.ts';
import type { OpenDatabase } from '../compose/open-database.ts';
import { latestInterrupted } from '../compose/interrupted-runs.ts';
import { inputsOf, itemsOf } from '../compose/run-inputs.ts';
import { secretOrigins } from '../compose/secret-origins.ts';
import { secretSource } from '../compose/secret-source.ts';
import { onSite, seeThrough } from '../compose/see-through.ts';
import type { Finished } from '../compose/see-through.ts';
import { inSession } from '../compose/session.ts';
import type { Session } from '../compose/session.ts';
import { systemClock } from '../compose/system-clock.ts';
import { requireRunnable } from '../compose/work-site.ts';
import type { WorkSite } from '../compose/work-site.ts';
import type { ExitCode } from '../exit-code.ts';
import { exitCodes } from '../exit-code.ts';
import { countDiagnostics, printDiagnostics } from '../output/print-diagnostics.ts';
import { Reported } from '../output/report-error.ts';
import { resumeCommand } from './resume.ts';

/** `exo run` */
export async function runCommand(call: Call): Promise<ExitCode> {
  if (call.options.text('resume') !== null) return resumeCommand(call);
  const [file] = call.operands;
  if (file === undefined) throw new UsageError("'exo run' needs FILE: a cluster file, YAML or JSON.", 'exo run --help');
  return inSession(call, async (session) => {
    const { loaded, database } = await prepare(file, session);
    try {
      return await runLoaded(loaded, database, session);
    } finally {
      await database.release();
    }
  });
}

/** Reads the file while the database starts. */
async function prepare(file: string, { call, signal, progress }: Session): Promise<{ loaded: LoadedCluster; database: OpenDatabase }> {
  const { config, options } = call;
  const notNeeded = new AbortController();
  const opening = openDatabase(config, { signal: AbortSignal.any([signal, notNeeded.signal]), onNote: (text) => progress.note(text) });
  opening.catch(() => undefined); // it is awaited below, or not needed
  try {
    const loaded = await loadCluster(file, { config, environment: options.text('env'), pin: imagePin({ engine: config.containerHost }) });
    requireValid(loaded, call);
    return { loaded, database: await opening };
  } catch (error) {
    notNeeded.abort();
    await opening.then((database) => database.release()).catch(() => undefined); // what went wrong first is what counts
    throw error;
  }
}

function requireValid({ diagnostics, plan, file }: LoadedCluster, { out }: Call): void {
  if (plan === null && out.isJson) out.json({ file, valid: false, diagnostics });
  printDiagnostics(diagnostics, file, out);
  if (plan !== null) return;
  const wrong = new Set(diagnostics.filter(({ severity }) => severity === 'error').map((one) => one.file ?? file));
  out.note(`${[...wrong].join(', ')}: ${out.paint('red', 'invalid')}, ${countDiagnostics(diagnostics)}; nothing was started`);
  throw new Reported(exitCodes.invalid);
}

async function runLoaded(loaded: LoadedCluster, database: OpenDatabase, session: Session): Promise<ExitCode> {
  const { call, signal, progress } = session;
  const { config, out } = call;
  const { environment, artifacts } = loaded;
  const vault = openFileVault({ folder: config.stateFolder });
  const request = await requestOf(loaded, call);
  for (const satellite of [loaded, ...loaded.inner].flatMap(({ satellites }) => satellites)) await artifacts.keep(satellite);
  for (const { digest, plan } of loaded.inner) if (digest !== null && plan !== null) await artifacts.keepPlan(digest, plan);
  await requireRunnable(request.revision.plan, artifacts, config);
  await lookAtSecrets(loaded, vault, call);
  signal.throwIfAborted();
  const options = {
    ...{ config, artifacts, databaseUrl: database.url, queue: null, signal },
    surroundings: async () => ({
      secrets: await secretSource(environment, vault, config.variable),
      endpoints: environment?.environment.endpoints ?? {},
    }),
    onNote: (text: string) => progress.note(out.paint('yellow', text)),
    onDoing: progress.doing,
  };
  return onSite(options, async (site): Promise<Finished> => {
    await tellInterrupted(site, request.revision.plan, database.url, session);
    const started = await startRun(site.place, request);
    if (started.kind === 'skipped') return { exitCode: tellSkipped(started.because, call), runEnded: true };
    const where = environment === null ? '' : ` in the environment ${out.paint('yellow', environment.shown)}`;
    progress.note(`${request.revision.plan.identifier} #${started.number}${where}: run ${started.run}`);
    return seeThrough(site, started.run, session);
  });
}

/** A run that a kill or Ctrl-C left open keeps its place in its concurrency group, and is easily forgotten. */
async function tellInterrupted({ ledger }: WorkSite, { identifier }: Plan, databaseUrl: string, { progress }: Session): Promise<void> {
  const run = await latestInterrupted(ledger, databaseUrl, { cluster: identifier });
  if (run !== null) progress.note(`Run ${run} of ${identifier} was interrupted. To go on with it: exo run --resume ${run}`);
}

async function requestOf({ plan, digest, source, environment }: LoadedCluster, { options }: Call): Promise<StartRequest> {
  if (plan === null || digest === null) throw new InternalError('a cluster without a plan is to be run');
  return {
    revision: { digest, plan, source },
    environment: environment?.shown ?? null,
    trigger: { type: 'manual', time: new Date(systemClock.now()).toISOString() },
    inputs: await inputsOf(options.texts('input'), plan),
    items: await itemsOf(options.texts('item')),
    origin: options.text('origin'),
  };
}

/** Takes the literals of the files into the vault, and says which secrets have no value: only a step that really runs without it fails. */
async function lookAtSecrets(loaded: LoadedCluster, vault: FileVault, { config, out }: Call): Promise<void> {
  for (const { plan, literalSecrets } of [loaded, ...loaded.inner]) {
    if (plan === null) continue;
    const [project = ''] = plan.identifier.split('/');
    await vault.applyLiterals(project, plan.identifier, literalSecrets);
    const origins = await secretOrigins({ environment: loaded.environment, literalSecrets }, { plan, vault, variable: config.variable });
    for (const [name, origin] of origins) {
      if (origin.kind !== 'missing') continue;
      const advice = `Set it: exo secrets set ${name} --of ${project}`;
      out.note(`${out.paint('yellow', 'warning')} The secret '${name}' has no value: ${origin.why}. ${advice}`);
    }
  }
}

function tellSkipped(because: readonly RunId[], { out }: Call): ExitCode {
  if (out.isJson) out.json({ status: 'skipped', because });
  else out.line(`No run was started: its concurrency group is taken by ${because.join(', ')}.`);
  return exitCodes.skipped;
}
