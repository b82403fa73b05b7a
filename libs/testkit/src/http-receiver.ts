import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as a receiver got it. */
export interface ReceivedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ReceiverAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is no text is sent as JSON. */
  readonly body?: unknown;
}

/** An HTTP server on loopback that keeps what it received. */
export interface HttpReceiver {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly requests: readonly ReceivedRequest[];
  stop(): Promise<void>;
}

export interface ReceiverOptions {
  /** Default 0: a free port. */
  readonly port?: number;
  /** Answers a request; `raw` is there for those who misbehave on purpose, they give null. */
  readonly answer: (request: ReceivedRequest, raw: ServerResponse) => Promise<ReceiverAnswer | null> | ReceiverAnswer | null;
}

/** Starts a receiver. Fails where its port is taken. */
export async function startReceiver({ port = 0, answer }: ReceiverOptions): Promise<HttpReceiver> {
  const requests: ReceivedRequest[] = [];
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await receive(message);
    requests.push(request);
    const given = await answer(request, response);
    if (given !== null) send(response, given);
  };
  const server = createServer((message, response) => {
    handle(message, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo; // a listening TCP server has an address
  return {
    url: `http://127.0.0.1:${String(address.port)}`,
    requests,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function receive(message: IncomingMessage): Promise<ReceivedRequest> {
  const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)] as const));
  return { method: message.method ?? '', path: message.url ?? '', headers, body: await text(message) };
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: ReceiverAnswer): void {
  const json = typeof body === 'string' ? null : JSON.stringify(body);
  response.writeHead(status, { ...(json === null ? {} : { 'content-type': 'application/json' }), ...headers });
  response.end(json ?? body);
}
