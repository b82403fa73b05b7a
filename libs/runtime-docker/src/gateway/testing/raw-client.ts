import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';

/** A client that sends what it likes, and keeps what it gets. */
export interface RawClient {
  readonly socket: Socket;
  /** So far. */
  received(): string;
  /** Waits until what was received holds a text or fits a pattern; fails where the connection ends before. */
  until(expected: string | RegExp): Promise<string>;
  /** All that was received, once the connection is closed or cut. */
  readonly ended: Promise<string>;
}

/** @param at path of a unix socket, or a port of 127.0.0.1 */
export async function rawClient(at: string | number, first: string | Uint8Array = ''): Promise<RawClient> {
  const options = typeof at === 'string' ? { path: at } : { port: at, host: '127.0.0.1' };
  const socket = connect({ ...options, allowHalfOpen: true });
  let received = '';
  let isOver = false;
  const changed = new Set<() => void>();
  const stir = (): void => [...changed].forEach((look) => look());
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
    stir();
  });
  socket.on('error', () => {});
  const ended = new Promise<string>((resolve) => {
    const end = (): void => {
      isOver = true;
      resolve(received);
      stir();
    };
    socket.once('end', end);
    socket.once('close', end);
  });
  await once(socket, 'connect');
  if (first.length > 0) socket.write(first);
  const until = (expected: string | RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const isThere = typeof expected === 'string' ? received.includes(expected) : expected.test(received);
        if (!isThere && !isOver) return;
        changed.delete(look);
        if (isThere) resolve(received);
        else reject(new Error(`The connection ended without ${String(expected)}: ${JSON.stringify(received.slice(0, 500))}`));
      };
      changed.add(look);
      look();
    });
  return { socket, received: () => received, until, ended };
}
