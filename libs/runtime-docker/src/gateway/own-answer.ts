import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** How long the rest of a body that nobody wants is read, so that its sender gets to see the answer. */
export const restMs = 3_000;

/**
 * Sends an answer that is known at once, often before its request has ended. Many clients look for an answer only when they have sent
 * everything, so the connection stays for a moment and is closed then.
 */
export function sendOwn(
  { request, response }: Exchange,
  answer: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string },
): void {
  const { status, headers, body } = answer;
  const isEarly = hasBody(request) && !request.complete;
  const closing = isEarly ? { connection: 'close' } : {};
  response.writeHead(status, { ...headers, ...closing, 'content-length': String(Buffer.byteLength(body)) });
  if (!isEarly) return void response.end(body);
  response.write(body);
  const timer = setTimeout(() => response.end(), restMs);
  request.once('close', () => {
    clearTimeout(timer);
    response.end();
  });
  request.resume();
}

/** After an answer that has ended before its request: reads on for a moment, then cuts. */
export function endRequest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const timer = setTimeout(() => request.destroy(), restMs);
  request.once('close', () => clearTimeout(timer));
  request.resume();
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
