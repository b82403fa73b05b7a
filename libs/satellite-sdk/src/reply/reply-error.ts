/** An error as it is replied. */
export interface ReplyError {
  readonly message: string;
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
}

/** What the runtime knows of an error that it caused itself. */
export interface KnownFailure {
  readonly code: string;
  readonly retryable: boolean;
}

/** Bad output: an error like others, so it is retried. */
export class OutputFault extends RangeError {}

const mostMessage = 8_192;
const mostCode = 80;

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} more characters)`;
}

function property(thrown: unknown, name: string): unknown {
  return typeof thrown === 'object' && thrown !== null ? (thrown as Record<string, unknown>)[name] : undefined; // any object may be thrown
}

function messageOf(thrown: unknown): string {
  const message = property(thrown, 'message');
  return cut(typeof message === 'string' && message !== '' ? message : String(thrown), mostMessage);
}

/**
 * The reply for whatever a satellite threw. A SatelliteFailure is known by its name: there may be two copies of its class.
 *
 * @param knownOf what the runtime knows of an error that it caused; null: nothing
 */
export function replyErrorOf(thrown: unknown, knownOf: (thrown: unknown) => KnownFailure | null = () => null): ReplyError {
  try {
    if (thrown instanceof OutputFault) return { message: thrown.message, code: 'output-invalid', retryable: true, retryAfterMs: null };
    if (property(thrown, 'name') === 'SatelliteFailure') return chosen(thrown);
    const { code, retryable } = knownOf(thrown) ?? { code: 'satellite-error', retryable: true };
    return { message: messageOf(thrown), code, retryable, retryAfterMs: null };
  } catch {
    // A hostile thing was thrown: its getters throw themselves. Nothing of it can be shown.
    return { message: 'The satellite threw something that cannot be read.', code: 'satellite-error', retryable: true, retryAfterMs: null };
  }
}

function chosen(thrown: unknown): ReplyError {
  const code = property(thrown, 'code');
  const retryAfterMs = property(thrown, 'retryAfterMs');
  return {
    message: messageOf(thrown),
    code: typeof code === 'string' && code !== '' ? cut(code, mostCode) : 'satellite-error',
    retryable: property(thrown, 'retryable') !== false,
    retryAfterMs: typeof retryAfterMs === 'number' && retryAfterMs >= 0 && Number.isFinite(retryAfterMs) ? retryAfterMs : null,
  };
}

/** Where an unexpected error came from, for a debug record. */
export function stackOf(thrown: unknown): string | null {
  try {
    const stack = property(thrown, 'stack');
    return property(thrown, 'name') !== 'SatelliteFailure' && typeof stack === 'string' ? cut(stack, mostMessage) : null;
  } catch {
    return null; // as above: a thing whose getters throw has no stack to show
  }
}
