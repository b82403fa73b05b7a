import type { RetryPolicy } from '@exosphere/model';
import type { Found, Read } from '../read/shape.ts';
import type { retriesShape } from '../read/step-shape.ts';

/** What holds where a file says nothing (spec 3.2). */
export const defaultRetries: RetryPolicy = {
  max: 5,
  delayMs: 1_000,
  backoff: 'exponential',
  factor: 2,
  maxDelayMs: 5 * 60_000,
  jitter: true,
};

/** The policy that a `retries` gives: what it names in place of what `base` has. */
export function retryPolicy(retries: Found<Read<typeof retriesShape>> | undefined, base: RetryPolicy): RetryPolicy {
  if (retries === undefined) return base;
  if (typeof retries.value === 'number') return { ...base, max: retries.value };
  const { max, delay, backoff, factor, 'max-delay': maxDelay, jitter } = retries.value;
  return {
    max: max?.value ?? base.max,
    delayMs: delay?.value.ms ?? base.delayMs,
    backoff: backoff?.value ?? base.backoff,
    factor: factor?.value ?? base.factor,
    maxDelayMs: maxDelay?.value.ms ?? base.maxDelayMs,
    jitter: jitter?.value ?? base.jitter,
  };
}
