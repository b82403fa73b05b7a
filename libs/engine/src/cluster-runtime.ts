import type { JsonObject, LockedSatellite, Plan, RunId } from '@exosphere/model';
import { ExosphereError, asId, isJsonObject } from '@exosphere/model';
import type {
  Clock,
  Ledger,
  OpenOptions,
  OpenSatellite,
  RunRow,
  SatelliteReply,
  SatelliteRequest,
  SatelliteRuntime,
  Violation,
} from '@exosphere/ports';
import type { ExecutionFacts } from '@exosphere/run-machine';
import { childRunId } from './child-run-id.ts';
import { readInputs } from './inputs.ts';
import { retryRun } from './retry-run.ts';
import { RunRegistry } from './run-info.ts';
import { runOutputs } from './run-outputs.ts';
import { startRun } from './start-run.ts';

export interface ClusterRuntimeOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly functions: ExecutionFacts['functions'];
  /** The plan of a cluster that is locked as a step; null: it is not there. */
  readonly plan: (cluster: LockedSatellite) => Promise<Plan | null>;
}

const askAgainAfterMs = 500;

/**
 * Runs a cluster as a step: one run of it per item, whose object is its outputs (rules 53–55). No worker waits for it: the item is put
 * off and asks again, so that any number of inner runs can go at once.
 */
export function createClusterRuntime(options: ClusterRuntimeOptions): SatelliteRuntime {
  return {
    runs: (satellite) => satellite.reference.startsWith('cluster/'),
    open: async (satellite, open) => {
      const plan = await options.plan(satellite);
      if (plan === null)
        throw new ExosphereError('satellite-missing', `${satellite.reference} (${satellite.digest}) is not there any more`);
      return openCluster(options, { satellite, plan, open });
    },
    close: () => Promise.resolve(),
  };
}

interface Opened {
  readonly satellite: LockedSatellite;
  readonly plan: Plan;
  readonly open: OpenOptions;
}

function openCluster(options: ClusterRuntimeOptions, opened: Opened): OpenSatellite {
  return {
    checkConfig: () => null,
    checkInput: (input) => checkInputs(opened.plan, input),
    checkOutput: () => null,
    callSize: 50,
    invoke: async ({ requests, events }) => {
      for (const [index, request] of requests.entries()) events.reply(index, await answer(options, opened, request));
      return { kind: 'done' };
    },
    close: () => Promise.resolve(),
  };
}

function checkInputs(plan: Plan, input: unknown): Violation {
  try {
    readInputs(plan, isJsonObject(input) ? input : {});
    return null;
  } catch (error) {
    if (error instanceof ExosphereError) return { at: '', message: error.message };
    throw error;
  }
}

/** Starts the inner run, or looks how far it is. Attempt n of the step is round n of the inner run (rule 54). */
async function answer(options: ClusterRuntimeOptions, opened: Opened, request: SatelliteRequest): Promise<SatelliteReply> {
  const parent = asId<RunId>(opened.open.run);
  const id = childRunId(parent, request.idempotencyKey);
  const row = await options.ledger.readRun(id);
  if (row === null) {
    await startOnce(options, opened, request, id);
    return later;
  }
  if (row.endedAt === null) return later;
  if (row.status === 'completed' || row.status === 'partial') return succeeded(options, row);
  if (row.round < request.attempt) {
    const place = { ledger: options.ledger, clock: options.clock, runs: new RunRegistry(options.ledger) };
    await retryRun(place, id, {});
    return later;
  }
  const message = `${opened.satellite.reference} ended ${row.status}`;
  return { kind: 'error', error: { message, code: 'cluster-failed', retryable: true, retryAfterMs: null }, metrics: null };
}

const later: SatelliteReply = { kind: 'later', afterMs: askAgainAfterMs };

/** Another worker, whose lease has lapsed, may start the same run at the same moment: one of them does. */
async function startOnce(options: ClusterRuntimeOptions, opened: Opened, request: SatelliteRequest, id: RunId): Promise<void> {
  try {
    await start(options, opened, request, id);
  } catch (error) {
    if ((await options.ledger.readRun(id)) === null) throw error;
  }
}

async function start(options: ClusterRuntimeOptions, opened: Opened, request: SatelliteRequest, id: RunId): Promise<void> {
  const { ledger, clock } = options;
  const parent = await ledger.readRun(asId<RunId>(opened.open.run));
  if (parent === null) throw new ExosphereError('run-unknown', `there is no run ${opened.open.run} in this database`);
  const left = Math.max(1, parent.deadline - clock.now());
  await startRun(options, {
    revision: { digest: opened.satellite.digest, plan: opened.plan, source: null },
    environment: parent.environment,
    trigger: { type: 'cluster', time: new Date(clock.now()).toISOString(), execution: request.execution },
    inputs: asInputs(request.input),
    items: null,
    origin: request.idempotencyKey,
    id,
    mostMs: left,
  });
}

function asInputs(input: unknown): JsonObject {
  return isJsonObject(input) ? input : {};
}

async function succeeded(options: ClusterRuntimeOptions, row: RunRow): Promise<SatelliteReply> {
  const run = await new RunRegistry(options.ledger).get(row.id);
  return { kind: 'objects', objects: [await runOutputs(options.ledger, run, options.functions)], metrics: null };
}
