import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A blob gateway of a test, on a real unix socket. */
export interface TestGateway {
  readonly socketPath: string;
  readonly stored: ReadonlyMap<string, Buffer>;
  put(text: string): string;
  close(): Promise<void>;
}

/** The digest under which a download breaks off in the middle. */
export const breaksOff = `sha256:${'b'.repeat(64)}`;

export async function startTestGateway(): Promise<TestGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'exo-gateway-'));
  const socketPath = join(folder, 'files.sock');
  const stored = new Map<string, Buffer>();
  const put = (bytes: Buffer): string => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    stored.set(digest, bytes);
    return digest;
  };
  const server = createServer((request, response) => {
    if (request.headers.authorization !== 'Bearer token') return refuse(response, 401, 'request-invalid', 'Wrong token.');
    if (request.method === 'POST') {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const bytes = Buffer.concat(chunks);
        response.writeHead(201).end(JSON.stringify({ file: put(bytes), size: bytes.length }));
      });
      return;
    }
    const digest = (request.url ?? '').slice('/v1/files/'.length);
    if (digest === breaksOff) {
      response.write('the first half');
      setTimeout(() => response.destroy(), 20);
      return;
    }
    const bytes = stored.get(digest);
    if (bytes === undefined) refuse(response, 404, 'blob-missing', `There is no file ${digest}.`);
    else response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    stored,
    put: (text) => put(Buffer.from(text)),
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status).end(JSON.stringify({ error: { message, code, retryable: false } }));
}
