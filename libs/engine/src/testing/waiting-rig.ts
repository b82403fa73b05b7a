import { readCluster } from '@exosphere/cluster';
import type { Json, JsonObject, LogRecord, Plan, RunId } from '@exosphere/model';
import { ExosphereError, InternalError, isJsonObject } from '@exosphere/model';
import type { OpenOptions, OpenSatellite, SatelliteRuntime, ShardWait } from '@exosphere/ports';
import type { MemoryLedger, SimulatedClock } from '@exosphere/testkit';
import { createMemoryLedger, createSimulatedClock, testCatalogManifests } from '@exosphere/testkit';
import { testCatalog } from '@exosphere/testkit/test-catalog';
import { Scheduler } from '../scheduler.ts';
import { startRun } from '../start-run.ts';
import { Worker } from '../worker.ts';

/** What becomes of an attempt to open the satellite of a step: it opens at once, or when the promise settles, or not. */
export type Opens = (step: string, options: OpenOptions) => Promise<void> | void;

/** A run whose satellites open as a test says, in simulated time. */
export interface WaitingRig {
  readonly clock: SimulatedClock;
  readonly ledger: MemoryLedger;
  readonly run: RunId;
  /** Executions whose attempts were begun, in order; with `!` where one was stopped. */
  readonly attempts: string[];
  readonly warnings: readonly unknown[];
  opens: Opens;
  /** Called as the call of an execution begins: what it throws, the runtime throws. */
  begins: (execution: string) => void;
  /** Another process that works on the run. Answers with its end. */
  work(): { readonly stop: () => Promise<void> };
  status(): Promise<string>;
  /** What its shards wait for: `step: reason`, each once. */
  waits(): readonly string[];
  /** Records of steps. */
  told(): Promise<readonly LogRecord[]>;
}

/** Cannot be opened now. */
export function unavailable(reason: string): never {
  throw new ExosphereError('runtime-unavailable', reason, { retryable: true });
}

/**
 * The items of the trigger; steps use the test satellites. A request whose item has `ms` takes so long.
 */
export async function openWaitingRig(steps: readonly JsonObject[], items: readonly Json[], opens: Opens): Promise<WaitingRig> {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  const attempts: string[] = [];
  const warnings: unknown[] = [];
  const plan = planOf(steps);
  const { run } = await startRun(
    { ledger, clock },
    {
      revision: { digest: 'sha256:waiting', plan, source: null },
      ...{ environment: null, trigger: { type: 'api-call', time: '' }, inputs: {}, items, origin: null },
    },
  );
  const rig: WaitingRig = {
    ...{ clock, ledger, run, attempts, warnings, opens, begins: () => undefined },
    work: () => {
      const end = new AbortController();
      const report = { warn: (message: string, fields: object) => void warnings.push([message, fields]) };
      const runtime = runtimeOf(rig);
      const secrets = { open: () => Promise.resolve(new Map<string, string>()) };
      const worker = new Worker({ ledger, clock, runtimes: [runtime], secrets, functions: {}, report });
      const scheduler = new Scheduler({ ledger, clock, report, onWork: () => worker.nudge() });
      const working = Promise.all([worker.work(end.signal), scheduler.work(end.signal)]);
      return {
        stop: async () => {
          end.abort();
          await clock.drive(() => working);
        },
      };
    },
    status: async () => (await ledger.readRun(run))?.status ?? 'gone',
    waits: () => {
      const all = ledger.look.shards(run).flatMap(({ waits }) => waits);
      return [...new Set(all.map(({ step, reason }: ShardWait) => `${plan.steps[step]?.identifier ?? '?'}: ${reason}`))];
    },
    told: async () => {
      const { chunks } = await ledger.readLogChunks(run, null, 1_000);
      return chunks.flatMap(({ records }) => records).filter(({ step }) => step !== null);
    },
  };
  return rig;
}

function planOf(satellites: readonly JsonObject[]): Plan {
  const cluster = { identifier: 'test/waiting', sla: '12h', trigger: { 'api-call': {} }, satellites };
  const { plan, diagnostics } = readCluster(JSON.stringify({ version: '0.0.1b', cluster }), {
    file: null,
    catalog: testCatalog({ manifests: testCatalogManifests }),
  });
  if (plan === null) throw new InternalError(JSON.stringify(diagnostics));
  return plan;
}

function runtimeOf(rig: WaitingRig): SatelliteRuntime {
  return {
    runs: () => true,
    close: () => Promise.resolve(),
    open: async (_, options) => {
      await rig.opens(options.step, options);
      return satelliteOf(rig);
    },
  };
}

function satelliteOf(rig: WaitingRig): OpenSatellite {
  const { clock, attempts } = rig;
  return {
    ...{ checkConfig: () => null, checkInput: () => null, checkOutput: () => null, callSize: 1 },
    close: () => Promise.resolve(),
    invoke: async ({ requests, events }, { signal }) => {
      for (const [index, { execution, input }] of requests.entries()) {
        rig.begins(execution);
        attempts.push(execution);
        const object = isJsonObject(input) ? input : {};
        if (typeof object['ms'] === 'number') await clock.sleep(object['ms'], signal);
        if (signal.aborted) attempts.push(`${execution}!`);
        else events.reply(index, { kind: 'objects', objects: [object], metrics: null });
      }
      return signal.aborted ? { kind: 'lost', reason: 'cancelled', message: 'cancelled' } : { kind: 'done' };
    },
  };
}
