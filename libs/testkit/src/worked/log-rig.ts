import { randomBytes } from 'node:crypto';
import { readCluster } from '@exosphere/cluster';
import type { LogForwarderOptions } from '@exosphere/engine';
import { LogForwarder, RunRegistry, finishRun, startRun } from '@exosphere/engine';
import type { Json, JsonObject, LogLevel, LogRecord, RunId, WorkerId } from '@exosphere/model';
import { InternalError, asId, isJsonObject, uuidv7 } from '@exosphere/model';
import type {
  ClaimedShard,
  Clock,
  CommitShard,
  Ledger,
  LogReader,
  SatelliteError,
  SatelliteRequest,
  SatelliteRuntime,
  SecretSource,
  WorkerReport,
} from '@exosphere/ports';
import { sampleCommit } from '../ledger-samples.ts';
import { testCatalog } from '../test-catalog.ts';
import { testCatalogManifests } from '../test-satellites.ts';

/** A delivery that a sink saw, whatever it answered. */
export interface Delivery {
  readonly sink: string;
  readonly at: number;
  readonly attempt: number;
  readonly key: string;
  readonly messages: readonly string[];
  readonly config: JsonObject;
  readonly taken: boolean;
}

/** What a sink answers: it takes the records (null), or fails. */
export type Answer = (delivery: Omit<Delivery, 'taken'>, signal: AbortSignal) => SatelliteError | null | Promise<SatelliteError | null>;

export interface LogRig {
  readonly run: RunId;
  readonly deliveries: readonly Delivery[];
  readonly warnings: readonly string[];
  /** Messages that the sink took, with those that it took twice. */
  taken(sink: string): readonly string[];
  /** A row of records, as a commit of the run writes it. */
  write(messages: readonly string[], level?: LogLevel): Promise<void>;
  /** Ends the items of the run, and the run. */
  end(): Promise<void>;
  /** A process that forwards. */
  forwarder(options?: Partial<LogForwarderOptions>): { readonly forwarder: LogForwarder; readonly stop: () => Promise<void> };
}

export interface LogRigOptions {
  readonly ledger: Ledger & LogReader;
  readonly clock: Clock;
  /** Steps of `logs.satellites`. */
  readonly sinks: readonly JsonObject[];
  readonly secrets?: Readonly<Record<string, string>>;
  readonly answer?: Answer;
}

/** That it does not take the records. */
export const sinkFailure = (changes: Partial<SatelliteError> = {}): SatelliteError => ({
  code: 'down',
  message: 'it is down',
  retryable: true,
  retryAfterMs: null,
  ...changes,
});

/** One run of one step that is never worked on: its log is written by the test. */
export async function openLogRig(options: LogRigOptions): Promise<LogRig> {
  const { ledger, clock } = options;
  const shard = await startAndClaim(options);
  const { run } = shard;
  const deliveries: Delivery[] = [];
  const warnings: string[] = [];
  const report: WorkerReport = { warn: (message, fields) => void warnings.push(`${message} ${JSON.stringify(fields)}`) };
  const runtime = sinkRuntime(clock, deliveries, options.answer ?? (() => null));
  const recordOf = (message: string, level: LogLevel): LogRecord => {
    const time = new Date(clock.now()).toISOString();
    return { time, level, run, step: 'a', execution: 'a', attempt: 1, message, fields: {} };
  };
  return {
    ...{ run, deliveries, warnings },
    taken: (sink) => deliveries.filter((one) => one.sink === sink && one.taken).flatMap((one) => one.messages),
    write: async (messages, level = 'info') => {
      const logs = messages.map((message) => recordOf(message, level));
      await commit(ledger, shard, { logs: [{ run, records: JSON.stringify(logs), count: logs.length }] });
    },
    end: async () => {
      await commit(ledger, shard, { members: '[]', size: 0 });
      await finishRun({ ledger, clock, runs: new RunRegistry(ledger) }, run);
    },
    forwarder: (changes = {}) => {
      const stop = new AbortController();
      const secrets = secretsOf(options.secrets ?? {});
      const forwarder = new LogForwarder({ ledger, clock, runtimes: [runtime], secrets, functions: {}, report, ...changes });
      const working = forwarder.work(stop.signal);
      const stopped = (): Promise<void> => {
        stop.abort();
        return working;
      };
      return { forwarder, stop: stopped };
    },
  };
}

async function startAndClaim({ ledger, clock, sinks }: LogRigOptions): Promise<ClaimedShard> {
  const revision = { digest: `sha256:${randomBytes(8).toString('hex')}`, plan: planOf(sinks), source: null };
  const trigger = { type: 'api-call', time: new Date(clock.now()).toISOString() };
  const { run } = await startRun({ ledger, clock }, { revision, environment: null, trigger, inputs: {}, items: null, origin: null });
  const worker = asId<WorkerId>(uuidv7(clock.now(), randomBytes(10)));
  const shard = (await ledger.claim(worker, { max: 10 })).find((one) => one.run === run);
  if (shard === undefined) throw new InternalError('the run has no shard');
  return shard;
}

/** Records something of the shard, which stays as it is unless the changes say otherwise. */
async function commit(ledger: Ledger, shard: ClaimedShard, changes: Partial<CommitShard>): Promise<void> {
  const { members, size } = shard;
  const outcome = await ledger.commit({ slot: 0, shards: [sampleCommit(shard, { members, size, ...changes })], newShards: [] });
  if (outcome.kind !== 'committed') throw new InternalError(`not committed but ${outcome.kind}`);
}

function secretsOf(secrets: Readonly<Record<string, string>>): SecretSource {
  return { open: (names) => Promise.resolve(new Map(Object.entries(secrets).filter(([name]) => names.includes(name)))) };
}

function planOf(sinks: readonly JsonObject[]): NonNullable<ReturnType<typeof readCluster>['plan']> {
  const satellites = [{ identifier: 'a', uses: 'test/echo' }];
  const logs = { satellites: sinks.map((sink) => ({ uses: 'test/echo', ...sink })) };
  const cluster = { identifier: 'test/forward', sla: '6h', trigger: { 'api-call': {} }, secrets: ['TOKEN'], satellites, logs };
  const { plan, diagnostics } = readCluster(JSON.stringify({ version: '0.0.1b', cluster }), {
    file: null,
    catalog: testCatalog({ manifests: testCatalogManifests }),
  });
  if (plan === null) throw new InternalError(JSON.stringify(diagnostics));
  return plan;
}

function sinkRuntime(clock: Clock, deliveries: Delivery[], answer: Answer): SatelliteRuntime {
  return {
    runs: () => true,
    close: () => Promise.resolve(),
    open: (_, { step }) =>
      Promise.resolve({
        ...{ checkConfig: () => null, checkInput: () => null, checkOutput: () => null, callSize: 1 },
        close: () => Promise.resolve(),
        invoke: async ({ requests, events }, { signal }) => {
          const [request] = requests;
          if (request === undefined) return { kind: 'done' };
          const seen = seenBy(step, clock.now(), request);
          const error = await answer(seen, signal);
          if (signal.aborted) return { kind: 'lost', reason: 'cancelled', message: 'cancelled' };
          deliveries.push({ ...seen, taken: error === null });
          events.reply(0, error === null ? { kind: 'objects', objects: [{}], metrics: null } : { kind: 'error', error, metrics: null });
          return { kind: 'done' };
        },
      }),
  };
}

function seenBy(sink: string, at: number, { attempt, idempotencyKey, config, input }: SatelliteRequest): Omit<Delivery, 'taken'> {
  const records = isJsonObject(input) ? ((input['records'] ?? []) as readonly JsonObject[]) : []; // as the forwarder gives them
  const messages = records.map((record): Json => record['message'] ?? null).map(String);
  return { sink, at, attempt, key: idempotencyKey, messages, config };
}
