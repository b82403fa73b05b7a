import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** The blob gateway of a test: what a container reaches as the unix socket `files`. */
export interface FilesGateway {
  /** Gives the file's digest. */
  add(content: Uint8Array | string): string;
  /** A digest that is there, and whose download breaks off in the middle. */
  addBroken(content: Uint8Array | string): string;
  get(digest: string): Buffer | undefined;
  stop(): Promise<void>;
}

/** Starts a gateway, whose one token is `token`. */
export async function startFilesGateway(socketPath: string, token: string): Promise<FilesGateway> {
  const stored = new Map<string, Buffer>();
  const broken = new Set<string>();
  const add = (content: Uint8Array | string): string => {
    const bytes = Buffer.from(content);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    stored.set(digest, bytes);
    return digest;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.headers.authorization !== `Bearer ${token}`) return refuse(response, 401, 'token-invalid', 'The token is not valid.');
    if (request.method === 'POST') {
      const content = await buffer(request);
      response.writeHead(201).end(JSON.stringify({ file: add(content), size: content.byteLength }));
      return;
    }
    const digest = (request.url ?? '').replace('/v1/files/', '');
    const content = stored.get(digest);
    if (content === undefined) return refuse(response, 404, 'blob-missing', `There is no file ${digest}.`);
    response.writeHead(200);
    if (broken.has(digest)) response.write(content.subarray(0, content.byteLength / 2), () => response.destroy());
    else response.end(content);
  };
  // An upload that breaks off rejects: there is nobody left to answer.
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  server.listen(socketPath);
  await once(server, 'listening');
  await chmod(socketPath, 0o666);
  return {
    add,
    addBroken: (content) => {
      const digest = add(content);
      broken.add(digest);
      return digest;
    },
    get: (digest) => stored.get(digest),
    async stop() {
      server.close();
      server.closeAllConnections();
      await rm(socketPath, { force: true });
    },
  };
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status).end(JSON.stringify({ error: { message, code, retryable: false } }));
}
