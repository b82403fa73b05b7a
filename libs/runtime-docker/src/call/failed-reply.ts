import type { SatelliteError, SatelliteReply } from '@exosphere/ports';

/** An answer that the runtime gives in a satellite's place. It is tried again, unless that cannot help. */
export function failedReply({
  code,
  message,
  retryable = true,
}: Pick<SatelliteError, 'code' | 'message'> & { readonly retryable?: boolean }): SatelliteReply {
  return { kind: 'error', error: { message, code, retryable, retryAfterMs: null }, metrics: null };
}
