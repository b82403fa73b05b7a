import type { BlobStore } from '@exosphere/ports';
import { answerFailure, GatewayRefusal } from './gateway-answer.ts';
import { readRequest, tokenOf } from './gateway-request.ts';
import type { OpenExchanges } from './grants.ts';
import { Grants } from './grants.ts';
import { sendFile, storeFile } from './transfer.ts';
import type { ConnectionLimits } from './unix-server.ts';
import type { Exchange } from './own-answer.ts';
import { endRequest } from './own-answer.ts';
import { boundedServer, closeServer, listenOnSocket, socketsOf } from './unix-server.ts';

/** What the satellites of one container may not exceed. */
export interface GatewayLimits extends ConnectionLimits {
  /** Of one upload. */
  readonly fileBytes: number;
}

export interface BlobGatewayOptions {
  /** In a folder that exists; Linux allows 107 bytes. */
  readonly socketPath: string;
  readonly project: string;
  readonly blobs: BlobStore;
  readonly limits?: Partial<GatewayLimits>;
}

/** The files of one project, for one container: HTTP on a unix socket, as docs/container-protocol.md has it. */
export interface BlobGateway {
  /** The token opens the gateway from now on. */
  grant(token: string): void;
  /** It opens nothing any more, and what is open under it is cut. */
  revoke(token: string): void;
  /** Cuts everything, waits until the store has let go, and removes the socket. */
  close(): Promise<void>;
}

/** A request has a time limit of its own, at whose end its token is revoked. */
const defaults: GatewayLimits = { connections: 256, headerMs: 10_000, idleMs: 15 * 60_000, fileBytes: 64 * 2 ** 30 };
/** How long a store that was told to stop is waited for. */
const stopMs = 5_000;

/** Opens the gateway. Fails with `runtime-unavailable` where its socket cannot be made. */
export async function openBlobGateway(options: BlobGatewayOptions): Promise<BlobGateway> {
  const limits = { ...defaults, ...options.limits };
  const grants = new Grants();
  const server = boundedServer(limits);
  const sockets = socketsOf(server);
  const running = new Set<Promise<void>>();
  server.on('request', (request, response) => {
    const exchange = serve({ request, response }, { ...options, limits, grants }).finally(() => running.delete(exchange));
    running.add(exchange);
  });
  await listenOnSocket(server, options.socketPath);
  return {
    grant: (token) => grants.grant(token),
    revoke: (token) => grants.revoke(token),
    async close() {
      grants.revokeAll();
      await closeServer(server, sockets);
      await settled([...running], stopMs);
    },
  };
}

interface Served {
  readonly project: string;
  readonly blobs: BlobStore;
  readonly limits: GatewayLimits;
  readonly grants: Grants;
}

/** Answers one request. Never fails. */
async function serve(exchange: Exchange, { grants, ...served }: Served): Promise<void> {
  const { request, response } = exchange;
  // The answer before this one has not ended. Requests that do not wait would be open without a limit.
  if (response.socket === null) return void request.socket.destroy();
  response.once('finish', () => endRequest(request));
  try {
    const open = grants.find(tokenOf(request));
    if (open === null) throw unauthorized();
    await serveGranted(exchange, served, open);
  } catch (cause) {
    answerFailure(exchange, cause);
  }
}

async function serveGranted(exchange: Exchange, served: Omit<Served, 'grants'>, open: OpenExchanges): Promise<void> {
  const { request, response } = exchange;
  const stop = new AbortController();
  stop.signal.addEventListener('abort', () => response.destroy(), { once: true });
  response.once('close', () => stop.abort());
  open.add(stop);
  try {
    const asked = readRequest(request);
    const transfer = { blobs: served.blobs, project: served.project, request, response, signal: stop.signal };
    if (asked.kind === 'read') await sendFile(transfer, asked.digest);
    else await storeFile(transfer, served.limits.fileBytes);
  } finally {
    open.delete(stop);
  }
}

function unauthorized(): GatewayRefusal {
  const message = 'The files-token is missing or wrong, or its request has ended. Expected: Authorization: Bearer <files-token>.';
  return new GatewayRefusal(401, message, { 'www-authenticate': 'Bearer' });
}

async function settled(promises: readonly Promise<void>[], withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((resolve) => (timer = setTimeout(resolve, withinMs)));
  await Promise.race([Promise.all(promises), tooLong]);
  clearTimeout(timer);
}
