import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { BlobStore } from '@exosphere/ports';
import type { BlobGateway, GatewayLimits } from '../blob-gateway.ts';
import { openBlobGateway } from '../blob-gateway.ts';

export interface GatewayAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A gateway of a test, and what talks to it. */
export interface GatewayWorld {
  readonly gateway: BlobGateway;
  readonly socketPath: string;
  send(
    method: string,
    path: string,
    options?: { readonly token?: string | null; readonly body?: Iterable<Uint8Array> | AsyncIterable<Uint8Array> | Buffer },
  ): Promise<GatewayAnswer>;
  close(): Promise<void>;
}

/** The token that is granted from the start. */
export const token = 'a'.repeat(32);

export async function gatewayWorld(blobs: BlobStore, limits: Partial<GatewayLimits> = {}, project = 'p'): Promise<GatewayWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'exo-gateway-'));
  const socketPath = join(folder, 'files.sock');
  const gateway = await openBlobGateway({ socketPath, project, blobs, limits });
  gateway.grant(token);
  return {
    gateway,
    socketPath,
    send: (method, path, { token: given = token, body } = {}) =>
      new Promise((resolve, reject) => {
        const headers = given === null ? {} : { authorization: `Bearer ${given}` };
        const asked = request({ socketPath, method, path, headers, agent: false }, (response) => {
          buffer(response).then((bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes }), reject);
        });
        asked.on('error', reject);
        if (body === undefined || Buffer.isBuffer(body)) asked.end(body);
        else
          Readable.from(body)
            .on('error', () => asked.destroy())
            .pipe(asked);
      }),
    async close() {
      await gateway.close();
      await rm(folder, { recursive: true });
    },
  };
}

export function errorOf({ body }: GatewayAnswer): { message: string; code: string; retryable: boolean } {
  return JSON.parse(body.toString()).error;
}
