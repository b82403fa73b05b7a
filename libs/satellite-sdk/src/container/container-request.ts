import type { SatelliteContext, SatelliteFiles } from '../context.ts';
import type { RequestLog } from '../reply/index.ts';
import { createRequestLog, fieldsText, OutputFault, outputParts, replyErrorOf, stackOf } from '../reply/index.ts';
import type { SatelliteRequest } from '../satellite.ts';
import { SatelliteFailure } from '../satellite-failure.ts';
import { NetworkFailure } from './network/network-failure.ts';
import type { ReceivedRequest } from './received.ts';

/** What is around a request: where its answers go, and what it may use. */
export interface RequestPlace {
  readonly files: SatelliteFiles;
  readonly endpoints: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** One log record, as JSON. */
  log(record: string): void;
  /** Hands a list of objects on, as JSON; resolves when more may come. */
  emit(list: string): Promise<void>;
  /** The final reply, as the JSON of its keys, in pieces. */
  end(pieces: readonly string[]): void;
}

const { stringify, parse } = JSON;
const mebi = 2 ** 20;
const outputLimits = { objectCharacters: 64 * mebi, partCharacters: 4 * mebi };
const listCharacters = 256 * mebi;
const logLimits = { logRecords: 1_000, logCharacters: 512 * 1024 };

/** One request under way. */
export class ContainerRequest {
  readonly request: SatelliteRequest;
  readonly context: SatelliteContext;
  readonly log: RequestLog;
  readonly #place: RequestPlace;
  #metrics: Record<string, unknown> | null = null;
  #ended = false;

  constructor(received: ReceivedRequest, place: RequestPlace) {
    this.#place = place;
    this.log = createRequestLog(logLimits, (level, message, fields) => {
      const time = new Date().toISOString();
      place.log(`{"level":"${level}","message":${stringify(message)},"fields":${fields},"time":"${time}"}`);
    });
    const { config, item = null, input = item, secrets } = received;
    this.request = { config, input, item, secrets: secrets ?? {} };
    this.context = this.#contextFor(received);
  }

  /** Ends it with what the satellite returned. */
  readonly succeed = (output: unknown): void => {
    try {
      this.#finish(objectsKey(outputParts(output, outputLimits)));
    } catch (thrown) {
      this.fail(thrown);
    }
  };

  /** Ends it with what the satellite threw. */
  readonly fail = (thrown: unknown): void => {
    const stack = stackOf(thrown);
    if (!this.#ended && stack !== null) this.log.write('debug', 'The satellite threw an error.', { stack });
    const { retryAfterMs, ...error } = replyErrorOf(thrown, (known) => (known instanceof NetworkFailure ? known : null));
    this.#finish([`"error":${stringify({ ...error, 'retry-after': retryAfterMs })}`]);
  };

  #finish(reply: readonly string[]): void {
    if (this.#ended) return;
    this.#ended = true;
    this.log.close();
    this.#place.end(this.#metrics === null ? reply : [...reply, `,"metrics":${fieldsText(this.#metrics)}`]);
  }

  readonly #emit = async (objects: readonly object[]): Promise<void> => {
    if (this.#ended) throw new OutputFault('The request has ended, it cannot emit objects any more.');
    for (const part of outputParts(objects, outputLimits)) if (part !== '[]') await this.#place.emit(part);
  };

  readonly #addMetrics = (values: object): void => {
    this.#metrics ??= Object.create(null) as Record<string, unknown>; // any key is then just a key
    Object.assign(this.#metrics, parse(fieldsText(values)));
  };

  #contextFor(received: ReceivedRequest): SatelliteContext {
    const { log } = this;
    const { files, endpoints, signal } = this.#place;
    const { execution, attempt, deadline, resume = null } = received;
    return {
      execution,
      idempotencyKey: received['idempotency-key'],
      attempt,
      deadline,
      resume: resume === null ? null : { count: resume.count, lastKey: resume['last-key'] },
      // no getter: an object with one that is its own has a shape of its own, and that kept requests alive for half of the time
      signal,
      log: {
        debug: (message, fields) => log.write('debug', message, fields),
        info: (message, fields) => log.write('info', message, fields),
        warn: (message, fields) => log.write('warn', message, fields),
        error: (message, fields) => log.write('error', message, fields),
      },
      files,
      emit: this.#emit,
      metrics: this.#addMetrics,
      endpoint: (name, fallbackUrl) => (endpoints[name] ?? fallbackUrl).replace(/\/+$/, ''),
    };
  }
}

function objectsKey(parts: readonly string[]): readonly string[] {
  if (parts.length === 1) return ['"objects":', parts[0] ?? '[]'];
  if (parts.reduce((sum, part) => sum + part.length, 0) > listCharacters) {
    const message = 'The list has more than 256 MiB. Hand it on in parts: name output.key in the manifest, and emit.';
    throw new SatelliteFailure(message, { code: 'output-too-large', retryable: false });
  }
  return ['"objects":[', ...parts.flatMap((part, index) => [index === 0 ? '' : ',', part.slice(1, -1)]), ']'];
}
