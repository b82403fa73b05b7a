import type { CallEnd, SatelliteError } from '@exosphere/ports';

const losses = {
  crash: { code: 'worker-lost' },
  memory: { code: 'out-of-memory' },
  timeout: { code: 'timeout' },
  cancelled: { code: 'cancelled' },
};

/** The error of a request that had no reply when its call was over. */
export function lossOf(over: CallEnd): SatelliteError {
  if (over.kind === 'done')
    return { code: 'no-reply', message: 'the satellite ended without an answer for this item', retryable: true, retryAfterMs: null };
  return { ...losses[over.reason], message: over.message, retryable: true, retryAfterMs: null };
}
