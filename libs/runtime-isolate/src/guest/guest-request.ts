import type { WireRequest } from '@exosphere/satellite-protocol';
import type { GuestLimits } from '../link/messages.ts';
import { partCharacters } from '../link/messages.ts';
import type { SatelliteContext, SatelliteRequest } from './contract.ts';
import { endRequest } from './current-request.ts';
import { guestFiles } from './guest-files.ts';
import { ask, failureOf } from './host-link.ts';
import type { RequestLog } from './reply.ts';
import { createRequestLog, fieldsText, OutputFault, outputParts, replyErrorOf, stackOf } from './reply.ts';
import type { ReplyQueue } from './reply-queue.ts';

/** What all requests of a cell have in common. */
export interface GuestOptions {
  readonly streams: boolean;
  readonly limits: GuestLimits;
  readonly services: Readonly<Record<string, string>>;
}

/** A request as it comes: without `input`, the item is the input. */
export type ReceivedRequest = Omit<WireRequest, 'input'> & Partial<Pick<WireRequest, 'input'>>;

/** One call: its number, and where its reports go. */
export interface CallPlace {
  readonly call: number;
  readonly queue: ReplyQueue;
  readonly options: GuestOptions;
}

const { stringify, parse } = JSON;

/** One request under way. */
export class GuestRequest {
  readonly index: number;
  readonly request: SatelliteRequest;
  readonly context: SatelliteContext;
  readonly log: RequestLog;
  readonly #place: CallPlace;
  readonly #abort = new AbortController();
  readonly #metrics: Record<string, unknown> = {};
  #ended = false;

  constructor(place: CallPlace, index: number, wire: ReceivedRequest) {
    this.#place = place;
    this.index = index;
    this.log = createRequestLog(place.options.limits, (level, message, fields) =>
      place.queue.add(`[${index},"l",${Date.now()},"${level}",${stringify(message)},${fields}]`),
    );
    const { config, input, item, secrets } = wire;
    this.request = { config, input: input === undefined ? item : input, item, secrets };
    this.context = this.#contextFor(wire);
  }

  /** Ends it with what the satellite returned. */
  readonly succeed = (output: unknown): void => {
    try {
      const { queue, options } = this.#place;
      const parts = outputParts(output, { ...options.limits, partCharacters });
      for (const part of parts.slice(0, -1)) queue.add(`[${this.index},"p",${part}]`);
      this.#finish(`"o",${parts.at(-1) ?? '[]'}`);
    } catch (thrown) {
      this.fail(thrown);
    }
  };

  readonly fail = (thrown: unknown): void => {
    const stack = stackOf(thrown);
    if (!this.#ended && stack !== null) this.log.write('debug', 'The satellite threw an error.', { stack });
    this.#finish(`"e",${stringify(replyErrorOf(thrown, failureOf))}`);
  };

  /** Time is up: aborts its signal. */
  expire(): void {
    this.#abort.abort(new DOMException('The attempt was stopped at its time limit.', 'TimeoutError'));
  }

  #finish(result: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.log.close();
    this.#place.queue.add(`[${this.index},${result},${fieldsText(this.#metrics)}]`);
    endRequest(this.index);
  }

  readonly #emit = async (objects: readonly object[]): Promise<void> => {
    const { call, options } = this.#place;
    if (!options.streams) throw new OutputFault('Only a satellite whose manifest names output.key may emit objects: return them.');
    if (this.#ended) throw new OutputFault('The request has ended, it cannot emit objects any more.');
    for (const part of outputParts(objects, { ...options.limits, partCharacters })) {
      if (part !== '[]') await ask({ name: 'emit', call, index: this.index }, part);
    }
  };

  #contextFor({ execution, 'idempotency-key': idempotencyKey, attempt, deadline, resume }: ReceivedRequest): SatelliteContext {
    const { log } = this;
    const { services } = this.#place.options;
    return {
      execution,
      idempotencyKey,
      attempt,
      deadline,
      resume: resume === null ? null : { count: resume.count, lastKey: resume['last-key'] },
      signal: this.#abort.signal,
      log: {
        debug: (message, fields) => log.write('debug', message, fields),
        info: (message, fields) => log.write('info', message, fields),
        warn: (message, fields) => log.write('warn', message, fields),
        error: (message, fields) => log.write('error', message, fields),
      },
      files: guestFiles,
      emit: this.#emit,
      metrics: (values) => void Object.assign(this.#metrics, parse(fieldsText(values))),
      endpoint: (name, fallbackUrl) => (services[name] ?? fallbackUrl).replace(/\/+$/, ''),
    };
  }
}
