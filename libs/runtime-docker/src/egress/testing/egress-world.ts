import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { networkRules } from '@exosphere/egress';
import type { Lookup } from '@exosphere/egress';
import type { RawClient } from '../../gateway/testing/raw-client.ts';
import { rawClient } from '../../gateway/testing/raw-client.ts';
import type { EgressOptions } from '../egress-proxy.ts';
import { openEgress } from '../egress-proxy.ts';

export interface ProxyAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A proxy of a test, and clients for it. */
export interface EgressWorld {
  readonly socketPath: string;
  /** What was reported as refused. */
  readonly refused: readonly string[];
  readonly fetch: (
    url: string,
    options?: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string },
  ) => Promise<ProxyAnswer>;
  /** After the answer to `CONNECT`. */
  readonly connect: (authority: string, first?: string) => Promise<RawClient>;
  /** After the greeting of SOCKS; the reply is the first that comes. */
  readonly socks: (address: Buffer, port: number, first?: string) => Promise<RawClient>;
  readonly close: () => Promise<void>;
}

export interface WorldOptions extends Partial<Omit<EgressOptions, 'socketPath' | 'rules' | 'onRefused'>> {
  readonly allow?: readonly string[];
  readonly endpoints?: Readonly<Record<string, string>>;
}

export async function egressWorld({ allow = ['*'], endpoints = {}, ...options }: WorldOptions = {}): Promise<EgressWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'exo-egress-'));
  const socketPath = join(folder, 'egress.sock');
  const refused: string[] = [];
  const egress = await openEgress({
    server: null,
    ...options,
    listen: socketPath,
    rules: networkRules(allow, endpoints, 1).rules,
    onRefused: (message) => refused.push(message),
  });
  return {
    socketPath,
    refused,
    fetch: (path, { body, ...rest } = {}) =>
      new Promise((resolve, reject) => {
        const asked = request({ socketPath, agent: false, path, ...rest }, (response) => {
          text(response).then((read) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: read }), reject);
        });
        asked.on('error', reject);
        asked.end(body);
      }),
    connect: async (authority, first = '') => {
      const client = await rawClient(socketPath, `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n${first}`);
      await client.until('\r\n\r\n');
      return client;
    },
    socks: async (address, port, first = '') => {
      const client = await rawClient(socketPath, Buffer.of(5, 2, 1, 0));
      await client.until('\x05\x00');
      client.socket.write(Buffer.concat([Buffer.of(5, 1, 0), address, Buffer.of(port >> 8, port & 255), Buffer.from(first)]));
      await client.until(/^[^]{12}/); // what the greeting and the request are answered with
      return client;
    },
    close: async () => {
      await egress.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** As SOCKS writes an address: a name, or the 4 or 16 bytes of a number. */
export const socksName = (name: string): Buffer => Buffer.concat([Buffer.of(3, Buffer.byteLength(name)), Buffer.from(name)]);
export const socksNumber = (...bytes: number[]): Buffer => Buffer.of(bytes.length === 4 ? 1 : 4, ...bytes);

/** The reply of the proxy to a request of SOCKS. */
export const replyIn = (received: string): number => received.charCodeAt(3);

/** Names and their addresses; others are missing. */
export function lookupOf(names: Readonly<Record<string, readonly string[]>>): Lookup & { readonly asked: string[] } {
  const asked: string[] = [];
  const lookup: Lookup = (host, _options, done) => {
    asked.push(host);
    const found = names[host];
    if (found === undefined) return done(Object.assign(new TypeError('not found'), { code: 'ENOTFOUND' }), []);
    return done(
      null,
      found.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return Object.assign(lookup, { asked });
}

/** Listens on a free port of loopback, and says which. */
export async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
