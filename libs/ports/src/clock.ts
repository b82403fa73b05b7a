/** The time, handed in so that it can be simulated. Stored times come from PostgreSQL's clock. */
export interface Clock {
  /** ms since 1970. */
  now(): number;
  /** Waits; ends early (without an error) when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** A number in [0, 1), for jitter. */
  random(): number;
  /** Random bytes, for ids. */
  bytes(length: number): Uint8Array;
}
