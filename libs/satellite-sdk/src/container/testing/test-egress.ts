import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A worker's proxy on a unix socket, behind which every host is one and the same server. */
export interface TestEgress {
  readonly socketPath: string;
  /** What was asked of the proxy. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** A server that says what it was asked; every host but `refused.example` and `broken.example` is it. */
export async function startTestEgress(): Promise<TestEgress> {
  const folder = await mkdtemp(join(tmpdir(), 'exo-egress-'));
  const socketPath = join(folder, 'egress.sock');
  const asked: string[] = [];
  const behind = createServer((request, response) => response.end(`${request.method} ${request.headers.host}${request.url}`));
  await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve));
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end(`through the proxy: ${request.url}`);
  });
  proxy.on('connect', (request, client) => {
    asked.push(`CONNECT ${request.url}`);
    client.on('error', () => undefined);
    if (request.url?.startsWith('refused.example')) return void client.end(answer(403, 'Only api.example is allowed: see network.allow.'));
    if (request.url?.startsWith('broken.example')) return void client.end(answer(502, 'broken.example cannot be reached: no address.'));
    const target = connect((behind.address() as AddressInfo).port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    target.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(socketPath, resolve));
  const close = (server: Server): void => {
    server.closeAllConnections();
    server.close();
  };
  return {
    socketPath,
    asked,
    async close() {
      close(behind);
      close(proxy);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function answer(status: number, sentence: string): string {
  return `HTTP/1.1 ${status} Refused\r\ncontent-type: text/plain\r\ncontent-length: ${sentence.length}\r\n\r\n${sentence}`;
}
