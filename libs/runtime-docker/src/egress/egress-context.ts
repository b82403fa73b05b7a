import type { Writable } from 'node:stream';
import type { ConnectionLimits } from '../gateway/unix-server.ts';
import type { Dialer } from './dialer.ts';
import type { Directions } from './directions.ts';
import type { EgressFailure } from './egress-failure.ts';

/** What the satellites of one container may not exceed. */
export interface EgressLimits extends ConnectionLimits {
  /** For a look-up and a connection. */
  readonly connectMs: number;
}

/** What all protocols of the proxy go by. */
export interface EgressContext {
  readonly directions: Directions;
  readonly dialer: Dialer;
  readonly limits: EgressLimits;
  readonly report: (failure: EgressFailure) => void;
}

/** Aborts when a connection, or the answer to a request, is closed. */
export function signalOf(stream: Writable): AbortSignal {
  const stop = new AbortController();
  if (stream.destroyed) stop.abort();
  else stream.once('close', () => stop.abort());
  return stop.signal;
}
