import type { Lookup, NetworkRules } from '@exosphere/egress';
import { endRequest } from '../gateway/own-answer.ts';
import { boundedServer, closeServer, listenOnAddress, listenOnSocket, socketsOf } from '../gateway/unix-server.ts';
import { connectThrough } from './connect-requests.ts';
import type { FindServer } from './dialer.ts';
import { createDialer } from './dialer.ts';
import { directionsBy } from './directions.ts';
import type { EgressContext, EgressLimits } from './egress-context.ts';
import type { EgressFailure } from './egress-failure.ts';
import { sortByFirstByte } from './first-byte.ts';
import { connectBySocks } from './socks-requests.ts';
import { requestUrl } from './url-requests.ts';

export type { FindServer } from './dialer.ts';
export type { EgressLimits } from './egress-context.ts';

export interface EgressOptions {
  /** The path of a unix socket in a folder that exists (Linux allows 107 bytes), or an address of this host; port 0: any. */
  readonly listen: string | { readonly host: string; readonly port: number };
  /** Of the satellite in its environment. `mostResponseBytes` is not looked at: nothing of a response stays here. */
  readonly rules: NetworkRules;
  /** Asked for each connection to `http://server`. Null: the manifest has none. */
  readonly server: FindServer | null;
  /** Gets each sentence once, and at most 100 of them. */
  readonly onRefused: (message: string) => void;
  readonly limits?: Partial<EgressLimits>;
  /** In place of the DNS and the system's own resolver. */
  readonly lookup?: Lookup;
}

/** The way out of one container, and the only one. */
export interface Egress {
  /** Null: it listens on a unix socket. */
  readonly port: number | null;
  /** Cuts everything and removes the socket. */
  close(): Promise<void>;
}

/** The attempt has a time limit of its own; a language model may think for long. */
const defaults: EgressLimits = { connections: 256, headerMs: 10_000, connectMs: 10_000, idleMs: 15 * 60_000 };
const mostReports = 100;

/**
 * Opens a proxy, as docs/container-protocol.md has it: requests with whole URLs, `CONNECT`, and SOCKS 5. It lets
 * through what the rules allow. Fails with `runtime-unavailable` where it cannot listen.
 */
export async function openEgress(options: EgressOptions): Promise<Egress> {
  const limits = { ...defaults, ...options.limits };
  const dialer = createDialer({
    server: options.server,
    connectMs: limits.connectMs,
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
  });
  const directions = directionsBy(options.rules, { hasServer: options.server !== null });
  const context = { directions, dialer, limits, report: reporter(options.onRefused) };
  const server = serverFor(context);
  const sockets = socketsOf(server);
  if (typeof options.listen === 'string') await listenOnSocket(server, options.listen);
  else await listenOnAddress(server, options.listen);
  const address = server.address();
  return {
    port: address === null || typeof address === 'string' ? null : address.port,
    async close() {
      dialer.close();
      await closeServer(server, sockets);
    },
  };
}

function serverFor(context: EgressContext): ReturnType<typeof boundedServer> {
  const server = boundedServer(context.limits);
  server.on('request', (request, response) => {
    // The answer before this one has not ended: who does not wait could have any number of requests open.
    if (response.socket === null) return void request.socket.destroy();
    response.once('finish', () => endRequest(request));
    void requestUrl({ request, response }, context);
  });
  server.on('connect', (request, _socket, first) => void connectThrough(request.url ?? '', request.socket, first, context));
  sortByFirstByte(server, context.limits.headerMs, (client) => void connectBySocks(client, context));
  return server;
}

/** What was refused, for people to read. A satellite that tries again and again fills no log. */
function reporter(onRefused: (message: string) => void): (failure: EgressFailure) => void {
  const seen = new Set<string>();
  return ({ code, message }) => {
    if (code !== 'network-refused' || seen.has(message) || seen.size >= mostReports) return;
    seen.add(message);
    onRefused(message);
  };
}
