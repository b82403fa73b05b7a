import type { SatelliteContext, SatelliteLogger } from './context.ts';
import type { Json, JsonObject } from './json.ts';
import { SatelliteFailure } from './satellite-failure.ts';
import type { Satellite } from './satellite.ts';
import type { TestFiles } from './test-files.ts';
import { createTestFiles } from './test-files.ts';

export type { TestFiles } from './test-files.ts';
export { createTestFiles } from './test-files.ts';

/** One request of a test. What is left out has a plain default. */
export interface TestRequest<Config, Input, Item> {
  readonly config?: Config;
  readonly input?: Input;
  readonly item?: Item;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly execution?: string;
  readonly idempotencyKey?: string;
  readonly attempt?: number;
  readonly timeoutMs?: number;
  readonly resume?: { readonly count: number; readonly lastKey: string | null } | null;
  /** What `context.endpoint` knows: service name → base URL. */
  readonly endpoints?: Readonly<Record<string, string>>;
  readonly files?: TestFiles;
  readonly signal?: AbortSignal;
  /** Called with each list that the satellite emits; a slow one holds it back. */
  readonly onEmit?: (objects: readonly JsonObject[]) => Promise<void> | void;
}

export interface TestLog {
  readonly level: keyof SatelliteLogger;
  readonly message: string;
  readonly fields: JsonObject;
}

export interface TestResult {
  /** What was emitted and then what was returned, as JSON. Empty where it failed. */
  readonly objects: readonly JsonObject[];
  readonly error: {
    readonly message: string;
    readonly code: string;
    readonly retryable: boolean;
    readonly retryAfterMs: number | null;
  } | null;
  readonly logs: readonly TestLog[];
  readonly metrics: JsonObject;
  readonly files: TestFiles;
}

/**
 * Runs a satellite in this process with the contract of the real runtime: the request is copied as JSON, outputs must be a list of
 * objects and are JSON, what it throws becomes an error reply, the signal aborts at the time limit.
 *
 * @example
 * const { objects, error } = await testSatellite(satellite, { config: { url }, item: { name: 'a' } });
 */
export async function testSatellite<Config, Input, Item>(
  satellite: Satellite<Config, Input, Item>,
  request: TestRequest<Config, Input, Item> = {},
): Promise<TestResult> {
  const recording = record(request);
  const { context, objects, logs, metrics, files } = recording;
  try {
    const returned = await untilAborted(context.signal, async () =>
      satellite.run(
        {
          config: asJson(request.config ?? {}) as Config, // a copy of what the caller typed
          input: asJson(request.input ?? request.item ?? null) as Input, // the same
          item: asJson(request.item ?? null) as Item, // the same
          secrets: { ...request.secrets },
        },
        context,
      ),
    );
    objects.push(...listOf(returned ?? []));
    return { objects, error: null, logs, metrics, files };
  } catch (thrown) {
    return { objects: [], error: errorOf(thrown), logs, metrics, files };
  } finally {
    recording.stop();
  }
}

function record(request: TestRequest<unknown, unknown, unknown>): {
  context: SatelliteContext;
  objects: JsonObject[];
  logs: TestLog[];
  metrics: Record<string, Json>;
  files: TestFiles;
  stop: () => void;
} {
  const objects: JsonObject[] = [];
  const logs: TestLog[] = [];
  const metrics: Record<string, Json> = {};
  const files = request.files ?? createTestFiles();
  const timeoutMs = request.timeoutMs ?? 60_000;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(timedOut(timeoutMs)), timeoutMs);
  const execution = request.execution ?? 'run/step/0';
  const context: SatelliteContext = {
    execution,
    idempotencyKey: request.idempotencyKey ?? execution,
    attempt: request.attempt ?? 1,
    deadline: new Date(Date.now() + timeoutMs).toISOString(),
    resume: request.resume ?? null,
    signal: request.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, request.signal]),
    log: loggerTo(logs),
    files,
    async emit(list) {
      const emitted = listOf(list);
      await request.onEmit?.(emitted);
      objects.push(...emitted);
    },
    metrics: (values) => void Object.assign(metrics, asJson(values)),
    endpoint: (name, fallbackUrl) => (request.endpoints?.[name] ?? fallbackUrl).replace(/\/+$/, ''),
  };
  return { context, objects, logs, metrics, files, stop: () => clearTimeout(timer) };
}

function timedOut(timeoutMs: number): SatelliteFailure {
  return new SatelliteFailure(`The attempt took longer than ${timeoutMs} ms.`, { code: 'timeout' });
}

async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  signal.addEventListener(
    'abort',
    () => {
      const reason: unknown = signal.reason;
      aborted.reject(reason instanceof Error ? reason : new SatelliteFailure(String(reason), { code: 'cancelled' }));
    },
    { once: true },
  );
  return await Promise.race([work(), aborted.promise]);
}

function loggerTo(logs: TestLog[]): SatelliteLogger {
  const at =
    (level: TestLog['level']) =>
    (message: string, fields: object = {}): void =>
      void logs.push({ level, message, fields: asJson(fields) as JsonObject }); // JSON of an object is an object
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null)) as Json; // the definition of JSON
}

function listOf(output: unknown): readonly JsonObject[] {
  if (!Array.isArray(output)) {
    throw new SatelliteFailure(`A satellite returns a list of objects, this one returned a ${typeof output}.`, { code: 'output-invalid' });
  }
  return output.map((object, index) => {
    if (typeof object !== 'object' || object === null || Array.isArray(object)) {
      throw new SatelliteFailure(`Entry ${index} of the list is no object.`, { code: 'output-invalid' });
    }
    return asJson(object) as JsonObject; // JSON of an object is an object
  });
}

function errorOf(thrown: unknown): NonNullable<TestResult['error']> {
  if (thrown instanceof SatelliteFailure) {
    const { message, code, retryable, retryAfterMs } = thrown;
    return { message, code, retryable, retryAfterMs };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { message, code: 'satellite-error', retryable: true, retryAfterMs: null };
}
