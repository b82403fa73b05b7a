import type { Socket } from 'node:net';
import type { Lookup } from '@exosphere/egress';
import { guardedConnect } from '@exosphere/egress';
import { InternalError } from '@exosphere/model';
import type { Target } from './directions.ts';

/** Where the server of a satellite is now. */
export type FindServer = (options: { readonly signal: AbortSignal }) => Promise<{ readonly host: string; readonly port: number }>;

/** Makes connections to where the directions lead, and keeps account of them. */
export interface Dialer {
  /** Fails as `guardedConnect` does, or as the satellite's server does. */
  dial(target: Target, signal: AbortSignal): Promise<Socket>;
  /** Cuts all of them. */
  close(): void;
}

export function createDialer(options: {
  readonly server: FindServer | null;
  readonly connectMs: number;
  readonly lookup?: Lookup;
}): Dialer {
  const sockets = new Set<Socket>();
  const findServer = options.server;
  const place = async (target: Target, signal: AbortSignal): Promise<{ host: string; port: number; named: boolean }> => {
    if (target.kind === 'host') return target;
    if (findServer === null) throw new InternalError('The directions lead to a server, and there is none.');
    return { ...(await findServer({ signal })), named: true };
  };
  return {
    async dial(target, signal) {
      const { connectMs: timeoutMs, lookup } = options;
      const socket = await guardedConnect(await place(target, signal), { timeoutMs, signal, ...(lookup === undefined ? {} : { lookup }) });
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.on('error', () => {}); // whoever uses it has a listener of its own, which may go before the socket does
      return socket;
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
