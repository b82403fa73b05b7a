import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { ExosphereError } from '@exosphere/model';
import { restMs } from './own-answer.ts';

/** What the other side of a socket may not exceed. */
export interface ConnectionLimits {
  /** At the same time; those beyond it are closed at once. */
  readonly connections: number;
  /** Until the head of a request is there. */
  readonly headerMs: number;
  /** Of a connection on which nothing moves. */
  readonly idleMs: number;
}

const keepAliveMs = 60_000;
const mostLookEveryMs = 2_000;

/** An HTTP server that bears with whoever is on the other side. */
export function boundedServer(limits: ConnectionLimits): Server {
  const server = createServer({
    headersTimeout: limits.headerMs,
    connectionsCheckingInterval: Math.min(limits.headerMs, mostLookEveryMs),
    keepAliveTimeout: Math.min(limits.idleMs, keepAliveMs),
    // A body may take as long as it moves.
    requestTimeout: 0,
  });
  server.maxConnections = limits.connections;
  server.timeout = limits.idleMs;
  // Who has sent all that there is to send may end its side, and still gets its answer. Node has this, but no type for it.
  Object.assign(server, { httpAllowHalfOpen: true });
  return server;
}

/** The connections of a server, those too that it has handed on. */
export function socketsOf(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

/**
 * Listens on a unix socket that every user may connect to, since a container has a user of its own: who may reach it is decided by the
 * folder. What an ended process left at its path is replaced. Fails with `runtime-unavailable`.
 */
export async function listenOnSocket(server: Server, socketPath: string): Promise<void> {
  try {
    await rm(socketPath, { force: true });
    server.listen(socketPath);
    await once(server, 'listening');
    await chmod(socketPath, 0o666);
  } catch (cause) {
    server.close();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ExosphereError('runtime-unavailable', `The socket ${socketPath} cannot be opened: ${why}.`, { cause, retryable: true });
  }
}

/** Listens on an address of this host. Fails with `runtime-unavailable`, also where the port is taken. */
export async function listenOnAddress(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    server.close();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ExosphereError('runtime-unavailable', `Nothing can listen on ${host}:${port}: ${why}.`, { cause, retryable: true });
  }
}

/** Cuts all connections and waits until they are closed; the file of the socket goes too. */
export async function closeServer(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}

/** Says a last thing; who goes on sending is cut after a moment. */
export function endSocket(socket: Socket, last: string | Uint8Array): void {
  const timer = setTimeout(() => socket.destroy(), restMs);
  socket.once('close', () => clearTimeout(timer));
  socket.resume();
  socket.end(last);
}
