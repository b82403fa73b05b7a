import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import type { Exchange } from '../gateway/own-answer.ts';
import { sendOwn } from '../gateway/own-answer.ts';
import type { Direction } from './directions.ts';
import type { EgressContext } from './egress-context.ts';
import { signalOf } from './egress-context.ts';
import type { EgressFailure } from './egress-failure.ts';
import { failureOf, notUnderstood } from './egress-failure.ts';
import { framingOf, headersToPass } from './headers.ts';

const mostHeaderBytes = 64 * 1024;
/** Methods that mean no body where none is announced; the others have an empty one. */
const mayHaveNoBody: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

/** Answers a request for a whole URL, by asking where it leads. Never fails. */
export async function requestUrl(asking: Exchange, context: EgressContext): Promise<void> {
  const { request, response } = asking;
  const { url: text = '' } = request;
  try {
    if (/^websocket$/i.test(request.headers.upgrade ?? '')) throw notUnderstood('A WebSocket goes through CONNECT.', { status: 501 });
    const framing = framingOf(request.headers);
    if (framing === null) throw notUnderstood('The only transfer coding is chunked.', { status: 501 });
    const direction = context.directions.toUrl(text);
    const upstream = await context.dialer.dial(direction.target, signalOf(response));
    await exchange(asking, { direction, framing, upstream });
  } catch (cause) {
    const failure = failureOf(cause, URL.parse(text)?.host ?? 'the address');
    context.report(failure);
    answerFailure(asking, failure);
  }
}

interface Onward {
  readonly direction: Direction;
  readonly framing: readonly string[];
  readonly upstream: Socket;
}

/** Fails until the answer has begun; from then on, what goes wrong cuts the answer off. */
async function exchange({ request, response }: Exchange, onward: Onward): Promise<void> {
  response.once('close', () => onward.upstream.destroy());
  if (response.destroyed) return void onward.upstream.destroy();
  const asked = onwardRequest(request, onward);
  request.once('error', () => asked.destroy());
  request.pipe(asked);
  const answer = await answerOf(asked);
  try {
    passHead(answer, response);
  } catch (cause) {
    asked.destroy();
    throw cause;
  }
  pipeline(answer, response, () => {}); // an answer that breaks off breaks the response off
}

function onwardRequest(request: IncomingMessage, { direction, framing, upstream }: Onward): ClientRequest {
  const { method = 'GET' } = request;
  const headers = ['Host', direction.url.host, ...headersToPass(request.rawHeaders, ['host']), 'Connection', 'close', ...framing];
  if (framing.length === 0 && !mayHaveNoBody.has(method)) headers.push('Content-Length', '0');
  try {
    return httpRequest({
      method,
      path: direction.path,
      headers,
      maxHeaderSize: mostHeaderBytes,
      createConnection: () => sealedIfHttps(upstream, direction.url),
    });
  } catch (cause) {
    upstream.destroy();
    throw notUnderstood(`The request cannot be sent on: ${cause instanceof Error ? cause.message : String(cause)}.`);
  }
}

function sealedIfHttps(upstream: Socket, url: URL): Duplex {
  if (url.protocol !== 'https:') return upstream;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return tlsConnect({ socket: upstream, ...(isIP(host) === 0 ? { servername: host } : { host }), ALPNProtocols: ['http/1.1'] });
}

function answerOf(asked: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    asked.once('response', resolve);
    asked.on('error', reject); // also for what goes wrong later, when it changes nothing
    asked.once('upgrade', (_, socket) => {
      socket.destroy();
      reject(notUnderstood('The server changes to another protocol, which nobody asked for.', { status: 502 }));
    });
  });
}

function passHead(answer: IncomingMessage, response: ServerResponse): void {
  const framing = framingOf(answer.headers);
  if (framing === null) throw notUnderstood('The server answers with a transfer coding that is not chunked.', { status: 502 });
  const length = framing[0] === 'Content-Length' ? framing : []; // whether the client takes chunks is for Node to see
  response.sendDate = false;
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, [...headersToPass(answer.rawHeaders), ...length]);
}

function answerFailure(asking: Exchange, { status, message }: EgressFailure): void {
  const { response } = asking;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.sendDate = true;
  sendOwn(asking, { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `${message}\n` });
}
