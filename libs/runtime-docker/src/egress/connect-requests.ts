import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import { endSocket } from '../gateway/unix-server.ts';
import type { EgressContext } from './egress-context.ts';
import { signalOf } from './egress-context.ts';
import type { EgressFailure } from './egress-failure.ts';
import { failureOf, notUnderstood } from './egress-failure.ts';
import { join } from './tunnel.ts';

/**
 * Answers `CONNECT host:port`. Never fails.
 *
 * @param first what the client sent behind its request
 */
export async function connectThrough(authority: string, client: Socket, first: Buffer, context: EgressContext): Promise<void> {
  try {
    const { host, port } = readAuthority(authority);
    const upstream = await context.dialer.dial(context.directions.toHost(host, port), signalOf(client));
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (first.byteLength > 0) client.unshift(first);
    join(client, upstream, context.limits.idleMs);
  } catch (cause) {
    const failure = failureOf(cause, authority);
    context.report(failure);
    endSocket(client, answerOf(failure));
  }
}

function readAuthority(authority: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^([^@/?#]+):(\d{1,5})$/.exec(authority) ?? [];
  if (host === undefined) throw notUnderstood('CONNECT wants a host and a port: CONNECT example.com:443.');
  return { host, port: Number(port) };
}

function answerOf({ status, message }: EgressFailure): string {
  const body = `${message}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
