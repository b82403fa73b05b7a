import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createFileBlobStore, registeredBlobStore } from '@exosphere/blobs';
import { createClusterRuntime, LogForwarder, RunRegistry, Scheduler, Worker } from '@exosphere/engine';
import type { CommandPlace } from '@exosphere/engine';
import { jsonpath } from '@exosphere/jsonpath';
import { ExosphereError } from '@exosphere/model';
import type { LockedSatellite, Plan } from '@exosphere/model';
import type { BlobStore, SatelliteRuntime, SecretSource, WorkerReport } from '@exosphere/ports';
import { connectLedger, holdQueue } from '@exosphere/postgres';
import type { HeldQueue, PostgresLedger } from '@exosphere/postgres';
import { createDockerRuntime, requireContainerEngine } from '@exosphere/runtime-docker';
import { createIsolateRuntime } from '@exosphere/runtime-isolate';
import type { Artifacts } from './artifacts.ts';
import type { BackgroundService } from './background-service.ts';
import type { Config } from './config.ts';
import { quietReport } from './quiet-report.ts';
import { systemClock } from './system-clock.ts';

/** Everything that works on the runs of one queue, put together and not yet started. */
export interface WorkSite {
  readonly queue: string;
  readonly ledger: PostgresLedger;
  /** For commands on runs. */
  readonly place: CommandPlace;
  /** The run has ended: what remains of its log may be sent. */
  nudge(): void;
  /** Works until the signal aborts, then drains. Fails only by a fault of ours. */
  work(signal: AbortSignal): Promise<void>;
  /** Lets go of everything. `runEnded`: the queue is not needed any more. */
  close(options: { readonly runEnded: boolean }): Promise<void>;
}

/** What an environment gives to a run. */
export interface Surroundings {
  readonly secrets: SecretSource;
  /** By service or beginning of an address: the address in its place. */
  readonly endpoints: Readonly<Record<string, string>>;
}

export interface WorkSiteOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  /** Null: a new one. */
  readonly queue: string | null;
  readonly artifacts: Artifacts;
  /** What the runs of this queue work with, found when the ledger is open. */
  readonly surroundings: (ledger: PostgresLedger) => Promise<Surroundings>;
  readonly onNote: (text: string) => void;
  /** Told what takes so long now, while the satellite of a step is opened. */
  readonly onDoing: (step: string, text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Opens what a run needs: ledger, files, runtimes, worker.
 *
 * @throws ExosphereError `run-busy` where another process works on this queue; as `connectLedger` does
 */
export async function openWorkSite(options: WorkSiteOptions): Promise<WorkSite> {
  const { databaseUrl, signal } = options;
  const queue = options.queue ?? `exo-${randomUUID()}`;
  const report = { ...quietReport(systemClock.now, options.onNote), doing: options.onDoing };
  const onWarning = ({ message, cause }: { readonly message: string; readonly cause: unknown }): void =>
    report.warn(message, { error: cause });
  const ledger = await connectLedger({ connectionString: databaseUrl, queue, applicationName: 'exo', onWarning, signal });
  let held: HeldQueue | null = null;
  try {
    held = await holdQueue({ connectionString: databaseUrl, queue, onWarning });
    if (held === null) throw new ExosphereError('run-busy', 'Another process works on this run. Wait for it, or stop it.');
    const { release } = held;
    const { secrets, endpoints } = await options.surroundings(ledger);
    const blobs = await openBlobs(ledger, options.config);
    const isolates = createIsolateRuntime({ satellites: options.artifacts, blobs, endpoints: () => endpoints });
    // A sandbox process starts while the run is made. Where none can, no step would ever start: that ends the work.
    const ready = isolates.ready();
    ready.catch(() => undefined); // said by `work`
    const place: CommandPlace = { ledger, clock: systemClock, runs: new RunRegistry(ledger) };
    const functions = { jsonpath };
    const plan = async ({ digest }: LockedSatellite): Promise<Plan | null> =>
      (await options.artifacts.plan(digest)) ?? ledger.readPlan(digest);
    const clusters = createClusterRuntime({ ledger, clock: systemClock, functions, plan });
    const containers = containersOf(options, { blobs, endpoints, report });
    const runtimes: readonly SatelliteRuntime[] = [containers, isolates, clusters];
    const worker = new Worker({ ledger, clock: systemClock, runtimes, secrets, functions, report, blobs });
    const forwarder = new LogForwarder({ ledger, clock: systemClock, runtimes, secrets, functions, report });
    const scheduler = new Scheduler({ ledger, clock: systemClock, report, onWork: () => worker.nudge() });
    const services: readonly BackgroundService[] = [worker, scheduler, forwarder];
    return {
      ...{ queue, ledger, place },
      nudge: () => forwarder.nudge(),
      work: async (until) => {
        await Promise.all([ready, ...services.map((service) => service.work(until))]);
      },
      close: async ({ runEnded }) => {
        await closeAll(runtimes, report);
        await ledger.close().finally(() => release({ remove: runEnded }));
      },
    };
  } catch (error) {
    await ledger.close();
    await held?.release({ remove: false });
    throw error;
  }
}

/** A runtime that cannot let go, such as one whose container engine is away, keeps neither the others nor what comes after them. */
async function closeAll(runtimes: readonly SatelliteRuntime[], report: WorkerReport): Promise<void> {
  for (const closed of await Promise.allSettled(runtimes.map(async (runtime) => runtime.close())))
    if (closed.status === 'rejected') report.warn('A runtime did not close in order.', { error: closed.reason });
}

function containersOf(
  { config, artifacts }: WorkSiteOptions,
  { blobs, endpoints, report }: { readonly blobs: BlobStore; readonly report: WorkerReport } & Pick<Surroundings, 'endpoints'>,
): SatelliteRuntime {
  return createDockerRuntime({
    engine: config.containerHost,
    gpus: config.gpus,
    satellites: artifacts,
    blobs,
    endpoints: () => endpoints,
    onWarning: (message, error) => report.warn(message, { error }),
  });
}

/** Files of this machine, which the ledger knows of. */
async function openBlobs(ledger: PostgresLedger, config: Config): Promise<BlobStore> {
  const files = await createFileBlobStore({ folder: join(config.stateFolder, 'blobs') });
  return registeredBlobStore(files, ledger, files.id);
}

/**
 * Refuses a plan that this machine cannot run to its end, before a run of it is made.
 *
 * @throws ExosphereError `satellite-missing`; `runtime-unavailable` where it needs a container engine and none answers
 */
export async function requireRunnable(plan: Plan, artifacts: Artifacts, config: Config): Promise<void> {
  if (await needsContainers(plan, artifacts)) await requireContainerEngine(config.containerHost);
}

/** Whether any step, also of a cluster that is a step, runs in a container; fails where something is missing. */
async function needsContainers(plan: Plan, artifacts: Artifacts): Promise<boolean> {
  let needs = false;
  const steps = [...plan.steps, ...(plan.failure?.steps ?? []), ...plan.logs];
  for (const { identifier, satellite } of steps) {
    if (satellite.reference.startsWith('cluster/')) {
      const inner = await artifacts.plan(satellite.digest);
      if (inner === null) throw missing(identifier, satellite);
      needs = (await needsContainers(inner, artifacts)) || needs;
      continue;
    }
    const stored = await artifacts.load(satellite.digest);
    if (stored === null) throw missing(identifier, satellite);
    needs ||= stored.manifest.runtime.kind === 'docker';
  }
  return needs;
}

function missing(step: string, { reference, version, digest }: LockedSatellite): ExosphereError {
  return new ExosphereError(
    'satellite-missing',
    `Step '${step}' needs ${reference}@${version} (${digest.slice(0, 19)}…), which is not here any more. Run the cluster file again, as a new run.`,
  );
}
