import type { IncomingMessage, ServerResponse } from 'node:http';
import { ExosphereError } from '@exosphere/model';

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

/** How long the rest of a body that nobody wants is read, so that its sender gets to see the answer. */
const restMs = 1_000;

/** Says why, or breaks the connection off where an answer has begun: its end is missing, so that nobody takes it for a whole one. */
export function answerFailure(response: ServerResponse, cause: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status, headers } = headOf(cause);
  sendJson(response, { status, headers, body: { error: errorOf(cause) } });
}

export function sendJson(
  response: ServerResponse,
  answer: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: object },
): void {
  const text = JSON.stringify(answer.body);
  const headers = { ...answer.headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) };
  response.writeHead(answer.status, headers).end(text);
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

/** After an answer that came before the end of its request: reads on for a moment, then cuts. */
export function endRequest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const timer = setTimeout(() => request.destroy(), restMs);
  request.once('close', () => clearTimeout(timer));
  request.resume();
}
