import { createServer } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import Docker from 'dockerode';

/** One question and answer, as it was recorded of a real engine. */
export interface Exchange {
  readonly request: { readonly method: string; readonly path: string; readonly body?: unknown };
  readonly response: { readonly status: number; readonly type: string | null; readonly body: unknown };
}

/** A file of `testdata/engine-api`. */
export interface Recording {
  readonly engine: string;
  readonly note: string;
  readonly exchanges: readonly Exchange[];
}

/** An engine that says again what a real one said. */
export interface RecordedEngine {
  readonly docker: Docker;
  /** What was asked and not recorded, or recorded and not asked yet. */
  readonly deviations: () => readonly string[];
  close(): Promise<void>;
}

const folder = join(import.meta.dirname, '../../../testdata/engine-api');

export async function readRecording(name: string): Promise<Recording> {
  return JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as Recording; // as it was recorded
}

/** Answers on a unix socket: to each request, in order, what the engine answered to the very same one. */
export async function startRecordedEngine({ exchanges }: Recording): Promise<RecordedEngine> {
  const left = [...exchanges];
  const unknown: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((sent) => {
      const exchange = left[0];
      // the client repeats a body as the query, which the engine passes over, and ends a path without a query in a question mark
      const path = (request.url ?? '').replace(sent === '' ? /\?$/ : /\?.*$/, '');
      const asked = { method: request.method, path, ...(sent === '' ? {} : { body: JSON.parse(sent) as unknown }) };
      if (exchange === undefined || !isDeepStrictEqual(asked, exchange.request)) {
        const message = `this was not recorded: ${JSON.stringify(asked)}, but ${JSON.stringify(exchange?.request ?? null)}`;
        unknown.push(message);
        return response.writeHead(501, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
      }
      left.shift();
      const { status, type, body } = exchange.response;
      return response.writeHead(status, type === null ? {} : { 'content-type': type }).end(body === null ? '' : JSON.stringify(body));
    });
  });
  const place = await mkdtemp(join(tmpdir(), 'exosphere-engine-'));
  const socketPath = join(place, 'engine.sock');
  await new Promise<void>((resolve) => void server.listen(socketPath, resolve));
  return {
    docker: new Docker({ socketPath }),
    deviations: () => [...unknown, ...left.map(({ request }) => `not asked: ${request.method} ${request.path}`)],
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(place, { recursive: true });
    },
  };
}
