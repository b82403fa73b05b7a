import type { RetryPolicy } from '@exosphere/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailedAttempt } from './retry-delay.ts';
import { retryDelay } from './retry-delay.ts';

interface Case extends RetryPolicy, FailedAttempt {
  readonly random: number;
}

const first: Case = {
  ...{ max: 5, delayMs: 1_000, backoff: 'exponential', factor: 2, maxDelayMs: 10_000, jitter: false },
  ...{ attempts: 1, retryable: true, retryAfterMs: null, random: 0.5 },
};

describe('the delay before the next attempt', () => {
  it.each<[string, Partial<Case>, number | null]>([
    ['is that of the policy after the first one', {}, 1_000],
    ['grows by the factor', { attempts: 3 }, 4_000],
    ['is at most the longest', { attempts: 5 }, 10_000],
    ['stays as it is where it is fixed', { backoff: 'fixed', attempts: 5 }, 1_000],
    ['is at most the longest where it is fixed, too', { backoff: 'fixed', delayMs: 60_000 }, 10_000],
    ['is any part of it with jitter', { jitter: true, attempts: 3, random: 0.25 }, 1_000],
    ['may be none with jitter', { jitter: true, random: 0 }, 0],
    ['is what the satellite asks for, where that is longer', { retryAfterMs: 60_000 }, 60_000],
    ['is that of the policy, where the satellite asks for less', { retryAfterMs: 10 }, 1_000],
    ['is in whole ms', { delayMs: 3, factor: 1.5, attempts: 2 }, 5],
    ['is there for the last retry', { attempts: 5 }, 10_000],
    ['is not there when the retries are used up', { attempts: 6 }, null],
    ['is not there without retries', { max: 0 }, null],
    ['is not there for an error that is not to be retried', { retryable: false, retryAfterMs: 5 }, null],
  ])('%s', (_, changes, delay) => {
    const given = { ...first, ...changes };
    expect(retryDelay(given, given, given.random)).toBe(delay);
  });

  it('is a whole number, never longer than the longest nor shorter than what is asked for, whatever the policy', () => {
    const policy = fc.record<RetryPolicy>({
      max: fc.integer({ min: 0, max: 100 }),
      delayMs: fc.integer({ min: 0, max: 3_600_000 }),
      backoff: fc.constantFrom('fixed', 'exponential'),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
      maxDelayMs: fc.integer({ min: 0, max: 86_400_000 }),
      jitter: fc.boolean(),
    });
    const attempt = fc.record({
      attempts: fc.integer({ min: 1, max: 100 }),
      retryable: fc.boolean(),
      retryAfterMs: fc.option(fc.integer({ min: 0, max: 86_400_000 })),
    });
    fc.assert(
      fc.property(policy, attempt, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (given, failed, random) => {
        const delay = retryDelay(given, failed, random);
        expect(delay === null).toBe(!failed.retryable || failed.attempts > given.max);
        if (delay === null) return;
        expect(Number.isSafeInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(failed.retryAfterMs ?? 0);
        expect(delay).toBeLessThanOrEqual(Math.max(given.maxDelayMs, failed.retryAfterMs ?? 0));
      }),
    );
  });
});
