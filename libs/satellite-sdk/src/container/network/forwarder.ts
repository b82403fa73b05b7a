import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { Refusals } from './refusals.ts';

/** A port on the loopback that leads to the worker's proxy, which listens on a unix socket. */
export interface Forwarder {
  readonly port: number;
  readonly refusals: Refusals;
}

const mostRefusalBytes = 16 * 1024;
const connectLine = /^CONNECT (\S+) HTTP\/1\.[01]\r\n/;
const statusLine = /^HTTP\/1\.[01] (\d{3})/;

export async function openForwarder(socketPath: string): Promise<Forwarder> {
  const refusals = new Refusals();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => forward(client, socketPath, refusals));
  const port = await listen(server);
  server.unref();
  return { port, refusals };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
    });
  });
}

function forward(client: Socket, socketPath: string, refusals: Refusals): void {
  const proxy = connect({ path: socketPath, allowHalfOpen: true });
  client.on('error', () => proxy.destroy());
  proxy.on('error', () => client.destroy());
  client.on('close', () => proxy.destroy());
  client.once('data', (first: Buffer) => {
    proxy.write(first);
    client.pipe(proxy);
    const target = connectLine.exec(first.toString('latin1', 0, 1024))?.[1];
    if (target === undefined) proxy.pipe(client);
    else answer(client, proxy, (refusal) => refusals.add(target, refusal));
  });
}

/** Passes on what the proxy answers to `CONNECT`. A refusal is read to its end first: it says why. */
function answer(client: Socket, proxy: Socket, onRefusal: (refusal: { status: number; sentence: string }) => void): void {
  proxy.once('data', (first: Buffer) => {
    const status = Number(statusLine.exec(first.toString('latin1', 0, 64))?.[1] ?? 200);
    if (status < 300) {
      client.write(first);
      proxy.pipe(client);
      return;
    }
    let text = first;
    const done = (): void => {
      onRefusal({ status, sentence: bodyOf(text) ?? '' });
      client.end(text);
    };
    if (isWhole(text)) return done();
    proxy.on('data', (more: Buffer) => {
      if (text.length < mostRefusalBytes) text = Buffer.concat([text, more]);
      if (isWhole(text)) proxy.destroy();
    });
    proxy.once('close', done);
  });
}

function bodyOf(response: Buffer): string | null {
  const start = response.indexOf('\r\n\r\n');
  return start < 0 ? null : response.toString('utf8', start + 4).trim();
}

function isWhole(response: Buffer): boolean {
  const start = response.indexOf('\r\n\r\n');
  if (start < 0) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(response.toString('latin1', 0, start))?.[1];
  return length !== undefined && response.length - start - 4 >= Number(length);
}
