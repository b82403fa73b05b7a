import { AddressRefused } from '@exosphere/egress';
import { ExosphereError } from '@exosphere/model';

/** How the two protocols say a failure: the status of HTTP and the reply of SOCKS 5. */
export interface FailureSigns {
  readonly status: number;
  readonly reply: number;
}

/** A connection or request that the proxy does not make, or could not. */
export class EgressFailure extends ExosphereError {
  readonly status: number;
  readonly reply: number;

  constructor(code: string, message: string, options: FailureSigns & { readonly cause?: unknown; readonly retryable?: boolean }) {
    super(code, message, options);
    this.status = options.status;
    this.reply = options.reply;
  }
}

/** Where a satellite may not go. */
export function refusedBecause(message: string): EgressFailure {
  return new EgressFailure('network-refused', message, { status: 403, reply: 2 });
}

/** What the proxy cannot read. */
export function notUnderstood(message: string, { status = 400, reply = 1 }: Partial<FailureSigns> = {}): EgressFailure {
  return new EgressFailure('request-invalid', message, { status, reply });
}

const replies: Readonly<Record<string, number>> = { ENETUNREACH: 3, ECONNREFUSED: 5 };
const hostUnreachable = 4;

/** What went wrong on the way to a place, without what only this process should know. */
export function failureOf(cause: unknown, place: string): EgressFailure {
  if (cause instanceof EgressFailure) return cause;
  if (cause instanceof AddressRefused) return refusedBecause(cause.message);
  const code = codeOf(cause);
  return new EgressFailure('network-failed', `'${place}' cannot be reached: ${reasonOf(cause, code)}.`, {
    status: 502,
    reply: replies[code ?? ''] ?? hostUnreachable,
    cause,
    retryable: true,
  });
}

function reasonOf(cause: unknown, code: string | null): string {
  if (code === 'ABORT_ERR') return 'there was no connection in time';
  if (cause instanceof ExosphereError) return cause.message.replace(/\.$/, '');
  return code ?? 'the connection failed';
}

function codeOf(cause: unknown): string | null {
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
}
