import type { Socket } from 'node:net';

/**
 * Joins two connections, which wait for each other when one is slower. Each may end its side alone; an error of one, or nothing in
 * either direction for `idleMs`, ends both.
 */
export function join(client: Socket, upstream: Socket, idleMs: number): void {
  const cut = (): void => {
    client.destroy();
    upstream.destroy();
  };
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    socket.setTimeout(idleMs, cut);
    socket.on('error', cut);
    // One that was closed in order still has its last bytes on their way to the other.
    socket.once('close', () => (other.writableEnded ? undefined : cut()));
    socket.pipe(other);
  }
}
