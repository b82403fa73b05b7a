import { SatelliteFailure } from '@exosphere/satellite';
import type { S3Place } from './s3-url.ts';
import { uriOf } from './s3-url.ts';
import { elementText } from './s3-xml.ts';

/** A refused request, as S3 describes it. A HEAD has no body, so only its status is known. */
export interface S3Refusal {
  readonly status: number;
  readonly code: string | null;
  readonly message: string | null;
  readonly retryAfterMs: number | null;
}

/** How a request to S3 fails. */
export type S3FailureCode = 'bucket-missing' | 'object-missing' | 'access-denied' | 's3-refused' | 's3-unavailable' | 's3-unreachable';

const wrongKeys = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AccessDenied',
  'ExpiredToken',
  'InvalidToken',
  'AllAccessDisabled',
]);
const busy = new Set(['SlowDown', 'InternalError', 'ServiceUnavailable', 'RequestTimeout', 'OperationAborted']);

/** Reads what S3 says of a refused request. */
export async function readRefusal(response: Response): Promise<S3Refusal> {
  const body = await response.text();
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    status: response.status,
    code: elementText(body, 'Code'),
    message: elementText(body, 'Message'),
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : null,
  };
}

/** Tells an object that is not there from other refusals. A HEAD cannot tell it from a missing bucket. */
export function isMissingObject({ status, code }: S3Refusal): boolean {
  return status === 404 && (code === null || code === 'NoSuchKey');
}

/** The error of a refused request. It names bucket and key, and never a key of the account. */
export function failureOf(refusal: S3Refusal, place: S3Place, action: string): SatelliteFailure {
  const { status, code } = refusal;
  const said = `S3 answered ${status}${code === null ? '' : ` ${code}`}${refusal.message === null ? '' : `: ${refusal.message.replace(/\.$/, '')}`}`;
  if (code === 'NoSuchBucket') {
    return failure(
      'bucket-missing',
      `Bucket '${place.bucket}' does not exist, so ${action} is not possible. Check its name and the endpoint.`,
    );
  }
  if (isMissingObject(refusal)) {
    return failure('object-missing', `There is no object '${place.key ?? ''}' in bucket '${place.bucket}'.`);
  }
  if (status === 401 || status === 403 || (code !== null && wrongKeys.has(code))) {
    return failure('access-denied', `${action} was denied for ${uriOf(place)}: check the access keys and what they may do. ${said}.`);
  }
  const retryable = status >= 500 || status === 429 || status === 408 || (code !== null && busy.has(code));
  return failure(retryable ? 's3-unavailable' : 's3-refused', `${action} failed for ${uriOf(place)}. ${said}.`, {
    retryable,
    retryAfterMs: refusal.retryAfterMs,
  });
}

/** The error of a request that got no answer. */
export function unreachable(endpoint: URL, place: S3Place, cause: unknown): SatelliteFailure {
  const why = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
  return failure('s3-unreachable', `${endpoint.origin} gave no answer for ${uriOf(place)}: ${why}.`, { retryable: true, cause });
}

interface FailureDetails {
  readonly retryable?: boolean;
  readonly retryAfterMs?: number | null;
  readonly cause?: unknown;
}

function failure(code: S3FailureCode, message: string, details: FailureDetails = {}): SatelliteFailure {
  const { retryable = false, retryAfterMs = null, cause } = details;
  return new SatelliteFailure(message, {
    code,
    retryable,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(cause === undefined ? {} : { cause }),
  });
}
