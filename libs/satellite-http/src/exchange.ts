import { SatelliteFailure } from '@exosphere/satellite';
import { readBody } from './read-body.ts';

export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Aborts when the attempt is stopped. */
  readonly signal: AbortSignal;
  /** For the whole exchange, the answer's body included, in ms. */
  readonly timeoutMs: number;
  /** Most bytes of the answer that are read. */
  readonly answerLimit: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The answer was longer than the limit, and the rest is missing. */
  readonly cut: boolean;
}

/** Why an exchange failed before there was an answer, or what a refusal means. */
export type HttpFailureCode =
  'request-invalid' | 'http-unreachable' | 'http-timeout' | 'http-redirected' | 'http-refused' | 'http-unavailable';

/**
 * Sends one request and reads its answer, whatever its status. Redirects are answers: they are not followed.
 *
 * Fails with a `SatelliteFailure`: `request-invalid` (not retryable), `http-unreachable` and `http-timeout` (retryable); or with the
 * runtime's own error, where it does not let the request pass.
 */
export async function exchange(url: string, request: HttpRequest): Promise<HttpAnswer> {
  const prepared = prepare(url, request);
  const limit = new AbortController();
  const stop = (): void => limit.abort(request.signal.reason);
  const timer = setTimeout(() => limit.abort(tooSlow(prepared, request)), request.timeoutMs);
  request.signal.addEventListener('abort', stop);
  if (request.signal.aborted) stop();
  try {
    const response = await fetch(prepared, { signal: limit.signal });
    const { text, cut } = await readBody(response, request.answerLimit);
    return { status: response.status, headers: Object.fromEntries(response.headers), text, cut };
  } catch (cause) {
    if (limit.signal.aborted) throw limit.signal.reason;
    if (isFinal(cause)) throw cause;
    const why = cause instanceof Error ? reasonOf(cause) : String(cause);
    throw failure('http-unreachable', `${request.method} ${nameOf(prepared)} got no answer: ${why}.`, { retryable: true, cause });
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener('abort', stop);
  }
}

function prepare(url: string, { method, headers, body }: HttpRequest): Request {
  try {
    return new Request(url, { method, headers: { ...headers }, redirect: 'manual', ...(body === undefined ? {} : { body }) });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw failure('request-invalid', `This is no request that can be sent: ${why}.`, { retryable: false, cause });
  }
}

function tooSlow(request: Request, { timeoutMs }: HttpRequest): SatelliteFailure {
  return failure('http-timeout', `${request.method} ${nameOf(request)} was not answered within ${timeoutMs} ms.`, { retryable: true });
}

/** Host and path: a query may hold a secret. */
function nameOf({ url }: Request): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

/** The runtime's own verdict, as for a host that the manifest does not allow: it says more than we could. */
function isFinal(cause: unknown): boolean {
  return cause instanceof Error && 'retryable' in cause && cause.retryable === false;
}

function reasonOf(error: Error): string {
  const { cause } = error;
  const message = error.message.replace(/\.$/, '');
  return cause instanceof Error && cause.message !== '' ? `${message} (${cause.message})` : message;
}

function failure(code: HttpFailureCode, message: string, options: { retryable: boolean; cause?: unknown }): SatelliteFailure {
  return new SatelliteFailure(message, { code, ...options });
}
