import type { RetryPolicy } from '@exosphere/model';

/** What is known of an attempt that failed. */
export interface FailedAttempt {
  /** Attempts so far in this round, this one included. */
  readonly attempts: number;
  readonly retryable: boolean;
  /** The satellite asked not to be called again before so many ms. */
  readonly retryAfterMs: number | null;
}

/**
 * How long to wait before the next attempt, in ms; null: there is none.
 *
 * @param random a number in [0, 1), for full jitter
 */
export function retryDelay(policy: RetryPolicy, failed: FailedAttempt, random: number): number | null {
  if (!failed.retryable || failed.attempts > policy.max) return null;
  const grown = policy.backoff === 'fixed' ? policy.delayMs : policy.delayMs * policy.factor ** (failed.attempts - 1);
  const capped = Math.min(grown, policy.maxDelayMs);
  const waited = policy.jitter ? capped * random : capped;
  return Math.round(Math.max(waited, failed.retryAfterMs ?? 0));
}
