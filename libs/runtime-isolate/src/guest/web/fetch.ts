import type { FetchHead } from '../../sandbox/fetch-asks.ts';
import { ask, tell } from '../host-link.ts';
import type { GuestAbortSignal } from './abort.ts';
import { chunksOf, exactBuffer } from './bytes.ts';
import { streamOf } from './body.ts';
import type { RequestInit } from './request.ts';
import { GuestRequest } from './request.ts';
import { GuestResponse } from './response.ts';

let lastExchange = 0;

async function* bodyOf(id: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let ended = false;
  try {
    for (;;) {
      const { bytes } = await ask({ name: 'fetch-pull', id });
      if (bytes === null) {
        ended = true;
        return;
      }
      yield new Uint8Array(bytes);
    }
  } finally {
    if (!ended) tell({ name: 'fetch-abort', id });
  }
}

async function upload(id: number, stream: ReadableStream<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of chunksOf(stream)) await ask({ name: 'fetch-write', id }, exactBuffer(chunk));
    await ask({ name: 'fetch-end', id });
  } catch {
    tell({ name: 'fetch-abort', id }); // the request itself fails with the reason
  }
}

function bytesFor(content: string | Uint8Array<ArrayBuffer>): ArrayBuffer {
  return exactBuffer(typeof content === 'string' ? new TextEncoder().encode(content) : content);
}

function onAbort(signal: GuestAbortSignal, id: number): { readonly aborted: Promise<never>; readonly stop: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const listener = (): void => {
    tell({ name: 'fetch-abort', id });
    reject(signal.reason);
  };
  promise.catch(() => {}); // raced: the winner is awaited
  signal.addEventListener('abort', listener);
  return { aborted: promise, stop: () => signal.removeEventListener('abort', listener) };
}

/** The standard `fetch`: the host sends the request, if the manifest and the environment allow it. */
export async function guestFetch(input: unknown, init?: RequestInit): Promise<GuestResponse> {
  const request = new GuestRequest(input, init);
  const { signal, url, method, headers, redirect } = request;
  signal.throwIfAborted();
  const id = (lastExchange += 1);
  const content = request.takeSource();
  const body = content === null ? 'none' : content instanceof ReadableStream ? 'stream' : 'bytes';
  const question = { name: 'fetch', id, fetch: { url, method, headers: [...headers], redirect, body } };
  const sent = ask(question, content === null || content instanceof ReadableStream ? undefined : bytesFor(content));
  if (content instanceof ReadableStream) void upload(id, content);
  const { aborted, stop } = onAbort(signal, id);
  const head = await Promise.race([sent, aborted]).finally(stop);
  return responseOf(id, head.value as FetchHead, signal); // written by the host
}

function responseOf(id: number, head: FetchHead, signal: GuestAbortSignal): GuestResponse {
  const { status, statusText, headers, url, redirected, hasBody } = head;
  const body = hasBody ? streamOf(abortable(bodyOf(id), signal, id)) : null;
  return new GuestResponse(body, { status, statusText, headers }, { url, redirected });
}

async function* abortable(
  chunks: AsyncGenerator<Uint8Array<ArrayBuffer>>,
  signal: GuestAbortSignal,
  id: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  // Also while nobody reads.
  const tellHost = (): void => tell({ name: 'fetch-abort', id });
  signal.addEventListener('abort', tellHost);
  try {
    for (;;) {
      signal.throwIfAborted();
      // A promise of its own for each chunk: one for all of them would hold on to every chunk that it was raced with.
      const { aborted, stop } = onAbort(signal, id);
      const next = await Promise.race([chunks.next(), aborted]).finally(stop);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', tellHost);
    void chunks.return(undefined);
  }
}
