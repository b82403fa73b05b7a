import type { S3Refusal } from './s3-failure.ts';
import { failureOf, readRefusal, unreachable } from './s3-failure.ts';
import type { S3Place } from './s3-url.ts';
import { urlOf } from './s3-url.ts';
import type { S3Credentials } from './sign-request.ts';
import { emptyHash, sha256Hex, signRequest } from './sign-request.ts';

/** Where an S3 is, and who asks. */
export interface S3Options {
  /** Base URL for a region, without the bucket: `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: (region: string) => string;
  /** Null: `us-east-1`, until S3 names the bucket's region. */
  readonly region: string | null;
  readonly credentials: S3Credentials;
  readonly signal: AbortSignal;
}

export interface S3Request extends S3Place {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** What it does, in words, for errors: `Reading`. */
  readonly action: string;
  readonly query?: Readonly<Record<string, string>>;
  /** In lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** The answer: what was asked for, or why not. Only network errors are thrown. */
export type S3Answer =
  | { readonly kind: 'response'; readonly response: Response }
  | { readonly kind: 'refused'; readonly refusal: S3Refusal; readonly region: string | null };

/** Sends signed requests to one S3 and remembers in which region a bucket turned out to be. */
export interface S3Sender {
  /** Reads the whole answer; an answer that is not read would stay open. Fails with a `SatelliteFailure` that names bucket and key. */
  send(request: S3Request): Promise<{ readonly headers: Headers; readonly text: string }>;
  /** A refusal is an answer, and a response is not read yet. */
  ask(request: S3Request): Promise<S3Answer>;
}

export function createSender(options: S3Options): S3Sender {
  const regions = new Map<string, string>();

  const ask = async (request: S3Request): Promise<S3Answer> => {
    const region = regions.get(request.bucket) ?? options.region ?? 'us-east-1';
    const answer = await sendOnce(request, region, options);
    if (answer.kind === 'response' || answer.region === null || answer.region === region) return answer;
    regions.set(request.bucket, answer.region);
    return sendOnce(request, answer.region, options);
  };

  const send: S3Sender['send'] = async (request) => {
    const answer = await ask(request);
    if (answer.kind === 'refused') throw failureOf(answer.refusal, request, request.action);
    return { headers: answer.response.headers, text: await answer.response.text() };
  };

  return { ask, send };
}

async function sendOnce(request: S3Request, region: string, options: S3Options): Promise<S3Answer> {
  const url = urlOf(options.endpoint(region), request, request.query ?? {});
  const bodyHash = request.body === undefined ? emptyHash : await sha256Hex(request.body);
  const unsigned = { method: request.method, url, headers: request.headers ?? {}, bodyHash };
  const headers = await signRequest(unsigned, { credentials: options.credentials, region, now: Date.now() });
  const init = { method: request.method, headers, redirect: 'manual', signal: options.signal } as const;
  let response: Response;
  try {
    response = await fetch(url, request.body === undefined ? init : { ...init, body: request.body });
  } catch (cause) {
    if (options.signal.aborted || isFinal(cause)) throw cause;
    throw unreachable(url, request, cause);
  }
  if (response.ok) return { kind: 'response', response };
  return { kind: 'refused', refusal: await readRefusal(response), region: response.headers.get('x-amz-bucket-region') };
}

/** The runtime's own verdict, as for a host that the manifest does not allow: it says more than we could. */
function isFinal(cause: unknown): boolean {
  return cause instanceof Error && 'retryable' in cause && cause.retryable === false;
}
