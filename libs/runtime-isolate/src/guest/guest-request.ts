import type { WireRequest } from '@exosphere/satellite-protocol';
import type { GuestLimits } from '../link/messages.ts';
import type { SatelliteContext, SatelliteRequest } from './contract.ts';
import { endRequest } from './current-request.ts';
import { OutputFault, replyErrorOf, stackOf } from './failure.ts';
import { guestFiles } from './guest-files.ts';
import { ask } from './host-link.ts';
import { outputParts } from './output.ts';
import type { ReplyQueue } from './reply-queue.ts';
import type { RequestLog } from './request-log.ts';
import { createRequestLog, fieldsText } from './request-log.ts';

/** One request under way. */
export interface GuestRequest {
  readonly index: number;
  readonly request: SatelliteRequest;
  readonly context: SatelliteContext;
  readonly log: RequestLog;
  /** Ends it with what the satellite returned. */
  succeed(output: unknown): void;
  fail(thrown: unknown): void;
  /** Time is up: aborts its signal. */
  expire(): void;
}

/** What all requests of a cell have in common. */
export interface GuestOptions {
  readonly streams: boolean;
  readonly limits: GuestLimits;
  readonly services: Readonly<Record<string, string>>;
}

const { stringify, parse } = JSON;

export function createGuestRequest(
  place: { readonly call: number; readonly index: number },
  wire: Omit<WireRequest, 'input'> & Partial<Pick<WireRequest, 'input'>>,
  options: GuestOptions,
  queue: ReplyQueue,
): GuestRequest {
  const { call, index } = place;
  const log = createRequestLog(index, options.limits, queue);
  const abort = new AbortController();
  const metrics: Record<string, unknown> = {};
  let ended = false;

  const finish = (tuple: () => string): void => {
    if (ended) return;
    const text = tuple();
    ended = true;
    log.close();
    queue.add(text);
    endRequest(index);
  };

  const metricsText = (): string => fieldsText(metrics);

  const fail = (thrown: unknown): void => {
    const stack = stackOf(thrown);
    if (!ended && stack !== null) log.write('debug', 'The satellite threw an error.', { stack });
    finish(() => `[${index},"e",${stringify(replyErrorOf(thrown))},${metricsText()}]`);
  };

  const succeed = (output: unknown): void => {
    try {
      const parts = outputParts(output, options.limits.objectCharacters);
      for (const part of parts.slice(0, -1)) queue.add(`[${index},"p",${part}]`);
      finish(() => `[${index},"o",${parts.at(-1) ?? '[]'},${metricsText()}]`);
    } catch (thrown) {
      fail(thrown);
    }
  };

  const emit = async (objects: readonly object[]): Promise<void> => {
    if (!options.streams) throw new OutputFault('Only a satellite whose manifest names output.key may emit objects: return them.');
    if (ended) throw new OutputFault('The request has ended, it cannot emit objects any more.');
    for (const part of outputParts(objects, options.limits.objectCharacters)) {
      if (part !== '[]') await ask({ name: 'emit', call, index }, part);
    }
  };

  const context: SatelliteContext = {
    execution: wire.execution,
    idempotencyKey: wire['idempotency-key'],
    attempt: wire.attempt,
    deadline: wire.deadline,
    resume: wire.resume === null ? null : { count: wire.resume.count, lastKey: wire.resume['last-key'] },
    signal: abort.signal,
    log: {
      debug: (message, fields) => log.write('debug', message, fields),
      info: (message, fields) => log.write('info', message, fields),
      warn: (message, fields) => log.write('warn', message, fields),
      error: (message, fields) => log.write('error', message, fields),
    },
    files: guestFiles,
    emit,
    metrics: (values) => void Object.assign(metrics, parse(fieldsText(values))),
    endpoint: (name, fallbackUrl) => (options.services[name] ?? fallbackUrl).replace(/\/+$/, ''),
  };
  return {
    index,
    request: { config: wire.config, input: wire.input === undefined ? wire.item : wire.input, item: wire.item, secrets: wire.secrets },
    context,
    log,
    succeed,
    fail,
    expire: () => abort.abort(new DOMException('The attempt was stopped at its time limit.', 'TimeoutError')),
  };
}
