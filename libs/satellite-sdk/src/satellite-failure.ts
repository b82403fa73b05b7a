export interface FailureOptions {
  /** A short name for programs, in kebab-case: `bucket-missing`. Default `satellite-error`. */
  readonly code?: string;
  /** Whether another attempt can help. Default true; set false for what is wrong with the request itself. */
  readonly retryable?: boolean;
  /** The next attempt starts not before so many ms (a server's `Retry-After`). */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/**
 * What a satellite throws to say how it failed. Anything else that it throws counts as code `satellite-error`, retryable.
 *
 * @example throw new SatelliteFailure(`Bucket '${bucket}' does not exist.`, { code: 'bucket-missing', retryable: false });
 */
export class SatelliteFailure extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;

  constructor(message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SatelliteFailure';
    this.code = options.code ?? 'satellite-error';
    this.retryable = options.retryable ?? true;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}
