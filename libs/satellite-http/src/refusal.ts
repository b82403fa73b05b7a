import { SatelliteFailure } from '@exosphere/satellite';
import type { HttpAnswer, HttpFailureCode } from './exchange.ts';
import { retryAfterMs } from './retry-after.ts';

/** Statuses below 500 that say: later. */
const later = new Set([408, 425, 429]);

/** Whether the answer is a success. */
export function isSuccess({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300;
}

/**
 * The failure that an answer other than a success is. What the server may do better later (5xx, 408, 425, 429) is retryable, not before
 * its `Retry-After`; other 4xx are not, and neither are redirects.
 *
 * @param who Who answered, at the start of a sentence: `The webhook`.
 */
export function refusal(answer: HttpAnswer, who: string, now: number): SatelliteFailure {
  const { status } = answer;
  const retryable = status >= 500 || later.has(status);
  const after = retryable ? retryAfterMs(answer.headers['retry-after'], now) : null;
  return new SatelliteFailure(`${who} answered ${status}${saidBy(answer)}.`, {
    code: codeOf(status, retryable),
    retryable,
    ...(after === null ? {} : { retryAfterMs: after }),
  });
}

function codeOf(status: number, retryable: boolean): HttpFailureCode {
  if (retryable) return 'http-unavailable';
  return status >= 300 && status < 400 ? 'http-redirected' : 'http-refused';
}

function saidBy({ text, headers, status }: HttpAnswer): string {
  if (status >= 300 && status < 400) return `, a redirect to ${headers['location'] ?? 'nowhere'}; redirects are not followed`;
  const said = text.trim().replaceAll(/\s+/g, ' ');
  if (said === '') return '';
  return `: ${said.length > 300 ? `${said.slice(0, 300)}…` : said}`;
}
