import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ExosphereError } from '@exosphere/model';
import type { BlobStore } from '@exosphere/ports';
import { GatewayRefusal, sendJson } from './gateway-answer.ts';
import type { Exchange } from './own-answer.ts';

/** One file on its way between the blob store and a client. */
export interface Transfer extends Exchange {
  readonly blobs: BlobStore;
  readonly project: string;
  readonly signal: AbortSignal;
}

/** Sends a file, as fast as it is taken. */
export async function sendFile({ blobs, project, response, signal }: Transfer, digest: string): Promise<void> {
  const content = await blobs.read(project, digest, { signal });
  const chunks = content[Symbol.asyncIterator]();
  try {
    // The answer begins with the first bytes: a store that has none to give is still answered with its reason.
    const first = await chunks.next();
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    await pipeline(Readable.from(following(first, chunks), { highWaterMark: 1 }), response, { signal });
  } finally {
    await chunks.return?.();
  }
}

async function* following(first: IteratorResult<Uint8Array>, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (let next = first; next.done !== true; next = await chunks.next()) yield next.value;
}

/** Stores the body of a request, as fast as it comes. One that breaks off is an error for the store, which then keeps nothing. */
export async function storeFile({ blobs, project, request, response, signal }: Transfer, mostBytes: number): Promise<void> {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) throw tooLarge(mostBytes);
  const { digest, size } = await blobs.write(project, bodyOf(request, mostBytes), { signal });
  sendJson({ request, response }, { status: 201, body: { file: digest, size } });
}

async function* bodyOf(request: IncomingMessage, mostBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  // The request outlives a store that takes no more of it: it is still to be answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Uint8Array; // a request without encoding gives buffers
    size += bytes.byteLength;
    if (size > mostBytes) throw tooLarge(mostBytes);
    yield bytes;
  }
  if (!request.complete) throw new ExosphereError('stream-failed', 'The upload broke off before its end.', { retryable: true });
}

function tooLarge(mostBytes: number): GatewayRefusal {
  return new GatewayRefusal(413, `The file has more than ${mostBytes} bytes, which is the most for one file.`);
}
