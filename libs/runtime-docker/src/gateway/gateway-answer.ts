import { ExosphereError } from '@exosphere/model';
import type { Exchange } from './own-answer.ts';
import { sendOwn } from './own-answer.ts';

/** A request that cannot be answered as it is. */
export class GatewayRefusal extends ExosphereError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super('request-invalid', message);
    this.status = status;
    this.headers = headers;
  }
}

/** Says why, or breaks the connection off where an answer has begun: its end is missing, so that nobody takes it for a whole one. */
export function answerFailure(exchange: Exchange, cause: unknown): void {
  const { response } = exchange;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status, headers } = headOf(cause);
  sendJson(exchange, { status, headers, body: { error: errorOf(cause) } });
}

export function sendJson(
  exchange: Exchange,
  answer: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: object },
): void {
  const headers = { ...answer.headers, 'content-type': 'application/json' };
  sendOwn(exchange, { status: answer.status, headers, body: JSON.stringify(answer.body) });
}

function headOf(cause: unknown): { readonly status: number; readonly headers: Readonly<Record<string, string>> } {
  if (cause instanceof GatewayRefusal) return cause;
  if (!(cause instanceof ExosphereError)) return { status: 500, headers: {} };
  if (cause.code === 'blob-missing') return { status: 404, headers: {} };
  return { status: cause.retryable ? 503 : 500, headers: {} };
}

function errorOf(cause: unknown): { readonly message: string; readonly code: string; readonly retryable: boolean } {
  if (cause instanceof ExosphereError) return { message: cause.message, code: cause.code, retryable: cause.retryable };
  return { message: 'The worker could not do that.', code: 'blob-store-unavailable', retryable: true };
}
