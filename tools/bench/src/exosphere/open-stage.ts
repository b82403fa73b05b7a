import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileBlobStore } from '@exosphere/blobs';
import { readCluster } from '@exosphere/cluster';
import { startRun, Worker } from '@exosphere/engine';
import type { JsonObject, Plan, RunId } from '@exosphere/model';
import type { SatelliteRuntime } from '@exosphere/ports';
import type { PostgresLedger } from '@exosphere/postgres';
import { connectLedger } from '@exosphere/postgres';
import type { LocalSatellites } from '@exosphere/satellite-package';
import { createIsolateRuntime } from '@exosphere/runtime-isolate';
import { openLocalSatellites } from '@exosphere/satellite-package';
import { benchClock } from './bench-clock.ts';
import type { HeardLedger } from './heard-ledger.ts';
import { heardLedger } from './heard-ledger.ts';
import { localCatalog } from './local-catalog.ts';
import { noOpRuntime } from './no-op-runtime.ts';

/** Where satellites run: in the worker's process, or in isolates as in production. */
export type RuntimeKind = 'in-process' | 'isolate';

export interface StageOptions {
  readonly databaseUrl: string;
  readonly runtime: RuntimeKind;
  readonly wrapRuntime?: (runtime: SatelliteRuntime) => SatelliteRuntime;
}

/** One worker on one database, as `orbit` composes it. */
export interface Stage {
  readonly ledger: PostgresLedger;
  plan(file: JsonObject): Plan;
  /** Starts a run as a trigger does, and waits for its end. It must complete. */
  run(plan: Plan): Promise<EndedRun>;
  close(): Promise<void>;
}

/** Times as `performance.now()` gives them. */
export interface EndedRun {
  readonly run: RunId;
  readonly triggeredAt: number;
  readonly endedAt: number;
}

export async function openStage({ databaseUrl, runtime: kind, wrapRuntime }: StageOptions): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'exosphere-bench-'));
  const satellites = await openLocalSatellites({ folders: [join(import.meta.dirname, '../../satellites')], cacheFolder: folder });
  const [failure] = satellites.failures;
  if (failure !== undefined) throw failure;
  const own = await openRuntime(kind, satellites, folder);
  const runtime = wrapRuntime?.(own) ?? own;
  const ledger = await connectLedger({ connectionString: databaseUrl, applicationName: 'bench' });
  const heard = heardLedger(ledger);
  const worker = new Worker({
    ledger: heard.ledger,
    clock: benchClock,
    runtimes: [runtime],
    secrets: { open: async () => new Map() },
    functions: {},
    report: { warn: (message, fields) => process.stderr.write(`worker: ${message} ${JSON.stringify(fields)}\n`) },
  });
  const stop = new AbortController();
  const working = worker.work(stop.signal);
  return {
    ledger,
    plan: (file) => planOf(file, satellites),
    run: (plan) => runToItsEnd(heard, plan),
    close: async () => {
      stop.abort();
      await working;
      await runtime.close();
      await ledger.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openRuntime(kind: RuntimeKind, satellites: LocalSatellites, folder: string): Promise<SatelliteRuntime> {
  if (kind === 'in-process') return noOpRuntime();
  return createIsolateRuntime({ satellites, blobs: await createFileBlobStore({ folder: join(folder, 'blobs') }) });
}

function planOf(file: JsonObject, satellites: LocalSatellites): Plan {
  const { plan, diagnostics } = readCluster(JSON.stringify(file), { file: null, catalog: localCatalog(satellites) });
  if (plan === null) throw new TypeError(`the cluster of the bench has errors: ${JSON.stringify(diagnostics)}`);
  return plan;
}

async function runToItsEnd({ ledger, ended }: HeardLedger, plan: Plan): Promise<EndedRun> {
  const triggeredAt = performance.now();
  const started = await startRun(
    { ledger, clock: benchClock },
    {
      revision: { digest: `bench:${plan.identifier}`, plan, source: null },
      environment: null,
      trigger: { type: 'api-call' },
      inputs: {},
      items: null,
      origin: null,
    },
  );
  const endedAt = await ended(started.run);
  const row = await ledger.readRun(started.run);
  if (row?.status !== 'completed')
    throw new TypeError(`the run ended '${row?.status ?? 'unrecorded'}': ${row?.reason ?? 'no reason given'}`);
  return { run: started.run, triggeredAt, endedAt };
}
