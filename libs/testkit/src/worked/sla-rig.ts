import { randomBytes } from 'node:crypto';
import { readCluster } from '@exosphere/cluster';
import type { JsonObject, LogRecord, Plan, RunId } from '@exosphere/model';
import { InternalError, isJsonObject } from '@exosphere/model';
import type { Clock, ExecutionRow, Ledger, LogReader, SatelliteReply, SatelliteRuntime } from '@exosphere/ports';
import { testCatalogManifests } from '../test-satellites.ts';
import { testCatalog } from '../test-catalog.ts';
import { Scheduler, Worker, startRun } from '@exosphere/engine';

/** What came of a run. */
export interface SeenRun {
  readonly status: string;
  readonly reason: string | null;
  /** By step: the statuses of its executions, with the code of the error there is: `cancelled sla`. */
  readonly steps: Readonly<Record<string, readonly string[]>>;
  readonly messages: readonly string[];
}

export interface SlaRig {
  readonly run: RunId;
  /** Names of the steps whose attempts were begun, in order; with `!` where one was stopped. */
  readonly attempts: readonly string[];
  see(): Promise<SeenRun>;
  stop(): Promise<void>;
}

/**
 * A run with a worker and a scheduler. A step whose config has `hang` never answers; with `stubborn` it does once `release` is called;
 * `fail` fails.
 */
export async function openSlaRig(
  place: { readonly ledger: Ledger & LogReader; readonly clock: Clock },
  cluster: JsonObject,
): Promise<SlaRig & { readonly release: () => void }> {
  const { ledger, clock } = place;
  const plan = planOf({ identifier: `test/sla${randomBytes(4).toString('hex')}`, trigger: { 'api-call': {} }, retries: 0, ...cluster });
  const attempts: string[] = [];
  const warnings: unknown[] = [];
  const held = Promise.withResolvers<undefined>();
  const report = {
    warn: (message: string, fields: Readonly<Record<string, unknown>>): void => void warnings.push(message, fields['error']),
  };
  const worker = new Worker({
    ledger,
    clock,
    runtimes: [runtimeOf(attempts, held.promise)],
    secrets: { open: () => Promise.resolve(new Map()) },
    functions: {},
    report,
    drainMs: 100,
  });
  const scheduler = new Scheduler({ ledger, clock, report, onWork: () => worker.nudge() });
  const end = new AbortController();
  const trigger = { type: 'api-call', time: new Date(clock.now()).toISOString() };
  const { run } = await startRun(place, {
    revision: { digest: `sha256:${randomBytes(8).toString('hex')}`, plan, source: null },
    environment: null,
    trigger,
    inputs: {},
    items: null,
    origin: null,
  });
  const working = Promise.all([worker.work(end.signal), scheduler.work(end.signal)]);
  return {
    ...{ run, attempts, see: () => seeRun(ledger, run, plan), release: () => held.resolve(undefined) },
    stop: async () => {
      end.abort();
      await working;
      if (warnings.length > 0) throw new InternalError(`the worker warned: ${warnings.slice(0, 6).map(String).join('; ')}`);
    },
  };
}

function planOf(cluster: JsonObject): Plan {
  const { plan, diagnostics } = readCluster(JSON.stringify({ version: '0.0.1b', cluster }), {
    file: null,
    catalog: testCatalog({ manifests: testCatalogManifests }),
  });
  if (plan === null) throw new InternalError(JSON.stringify(diagnostics));
  return plan;
}

async function seeRun(ledger: Ledger & LogReader, run: RunId, plan: Plan): Promise<SeenRun> {
  const row = await ledger.readRun(run);
  const steps: Record<string, readonly string[]> = {};
  for (const [step, { identifier }] of [...plan.steps, ...(plan.failure?.steps ?? [])].entries()) {
    const rows = await ledger.readExecutionsBelow({ run, step, scope: [], upToRound: null });
    if (rows.length > 0) steps[identifier] = rows.map(statusOf);
  }
  const { chunks } = await ledger.readLogChunks(run, null, 100);
  const messages = chunks.flatMap((chunk) => chunk.records).filter(isOfRun).map((record) => record.message); // prettier-ignore
  return { status: row?.status ?? 'gone', reason: row?.reason ?? null, steps, messages };
}

function isOfRun(record: LogRecord): boolean {
  return record.step === null;
}

function statusOf(row: ExecutionRow): string {
  const error = row.error === null ? null : (JSON.parse(row.error) as { code: string }); // an ExecutionError, as it was written
  return error === null ? row.status : `${row.status} ${error.code}`;
}

function runtimeOf(attempts: string[], released: Promise<undefined>): SatelliteRuntime {
  return {
    runs: () => true,
    close: () => Promise.resolve(),
    open: (satellite, { step }) =>
      Promise.resolve({
        ...{ checkConfig: () => null, checkInput: () => null, checkOutput: () => null, callSize: 500 },
        close: () => Promise.resolve(),
        invoke: async ({ requests, events }, { signal }) => {
          const answered = requests.map(async ({ config, input, item }, index) => {
            attempts.push(step);
            const asked: JsonObject = { ...(isJsonObject(item) ? item : {}), ...config };
            const stopped = new Promise<'stopped'>((resolve) => signal.addEventListener('abort', () => resolve('stopped'), { once: true }));
            const end =
              asked['hang'] === true ? await stopped : asked['stubborn'] === true ? await Promise.race([stopped, released]) : undefined;
            if (end === 'stopped') return void attempts.push(`${step}!`);
            events.reply(index, replyTo(satellite.reference, asked, isJsonObject(input) ? input : {}));
          });
          await Promise.all(answered);
          return signal.aborted ? { kind: 'lost', reason: 'cancelled', message: 'cancelled' } : { kind: 'done' };
        },
      }),
  };
}

function replyTo(reference: string, asked: JsonObject, input: JsonObject): SatelliteReply {
  if (asked['fail'] === true)
    return { kind: 'error', error: { code: 'told-to-fail', message: 'told to fail', retryable: false, retryAfterMs: null }, metrics: null };
  const items = reference === 'satellite/test/list' ? (asked['items'] as readonly JsonObject[]) : [input]; // as the tests give them
  return { kind: 'objects', objects: items, metrics: null };
}
