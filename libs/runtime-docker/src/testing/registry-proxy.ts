import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a registry does wrong with one request. */
export interface RegistryFault {
  /** Answers with this status, and nothing else. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Breaks off after so many bytes of the body. */
  readonly cutAfter?: number;
  /** Sends so many bytes of the body a second. */
  readonly bytesPerSecond?: number;
  /** Changes the body. */
  readonly change?: (body: Buffer) => Buffer;
}

export interface RegistryRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
}

/** A registry on loopback that does as another one, but for the faults that a test gives it. */
export interface RegistryProxy {
  /** `127.0.0.1:port` */
  readonly address: string;
  readonly requests: readonly RegistryRequest[];
  /** Asked for each request. Null: it is answered as it should be. */
  fault: (request: RegistryRequest) => RegistryFault | null;
  close(): Promise<void>;
}

export async function startRegistryProxy(upstream: string): Promise<RegistryProxy> {
  const requests: RegistryRequest[] = [];
  const server = createServer((incoming, response) => {
    const seen = { method: incoming.method ?? '', path: incoming.url ?? '', authorization: incoming.headers.authorization ?? null };
    requests.push(seen);
    const fault = proxy.fault(seen) ?? {};
    if (fault.status !== undefined) return void response.writeHead(fault.status, fault.headers).end();
    const headers = { ...incoming.headers, host: proxy.address };
    const asking = request(`http://${upstream}${seen.path}`, { method: seen.method, headers, agent: false }, (answer) => {
      pass(answer, response, fault).catch(() => response.destroy());
    });
    asking.on('error', () => response.destroy());
    incoming.pipe(asking);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: RegistryProxy = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fault: () => null,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

async function pass(answer: IncomingMessage, response: ServerResponse, { cutAfter, bytesPerSecond, change }: RegistryFault): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  const body = change === undefined ? whole : change(whole);
  response.writeHead(answer.statusCode ?? 500, { ...answer.headers, 'content-length': answer.headers['content-length'] ?? body.length });
  if (cutAfter !== undefined) {
    response.write(body.subarray(0, cutAfter));
    await sleep(50);
    response.destroy();
  } else if (bytesPerSecond !== undefined) {
    const step = Math.ceil(bytesPerSecond / 10);
    for (let at = 0; at < body.length && !response.destroyed; at += step) {
      response.write(body.subarray(at, at + step));
      await sleep(100);
    }
    response.end();
  } else response.end(body);
}
