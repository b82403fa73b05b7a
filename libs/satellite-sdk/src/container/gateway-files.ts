import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { Agent, request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileContent, SatelliteFiles } from '../context.ts';
import type { FileValue } from '../file-value.ts';
import { SatelliteFailure } from '../satellite-failure.ts';

/** What opens the blob gateway for one request. */
export interface GatewayAccess {
  /** Its unix socket. */
  readonly socketPath: string;
  readonly token: string;
  /** Aborts when the request is stopped. */
  readonly signal: AbortSignal;
}

/** Connections to a unix socket cost next to nothing; one that is used again may just be closed by the other side. */
const agent = new Agent({ keepAlive: false, maxSockets: 200 });

/** The files of one request, through the worker's gateway. Nothing is held in memory as a whole but what is asked for as a whole. */
export function gatewayFiles(access: GatewayAccess): SatelliteFiles {
  const bytes = async (file: Pick<FileValue, 'file'>): Promise<Uint8Array> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of download(access, digestOf(file))) chunks.push(chunk);
    return new Uint8Array(Buffer.concat(chunks));
  };
  return {
    read: (file) => streamOf(download(access, digestOf(file))),
    bytes,
    text: async (file) => new TextDecoder().decode(await bytes(file)),
    async write(name, contentType, content) {
      const { file, size } = await upload(access, content);
      return { file, name, size, 'content-type': contentType };
    },
  };
}

function digestOf(file: unknown): string {
  const digest = typeof file === 'object' && file !== null && 'file' in file ? file.file : null;
  if (typeof digest !== 'string') throw new TypeError('A file value is expected: an object whose field `file` is a digest.');
  return digest;
}

function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

async function* download(access: GatewayAccess, digest: string): AsyncGenerator<Uint8Array> {
  try {
    const request = open(access, { method: 'GET', path: `/v1/files/${encodeURIComponent(digest).replace('%3A', ':')}` });
    const answer = responseOf(request);
    request.end();
    const response = await answer;
    await checkStatus(response);
    for await (const chunk of response) yield chunk as Uint8Array; // no encoding is set: it is bytes
  } catch (cause) {
    throw failureOf(cause, access);
  }
}

async function upload(access: GatewayAccess, content: FileContent): Promise<Pick<FileValue, 'file' | 'size'>> {
  const source = sourceOf(content);
  const request = open(access, { method: 'POST', path: '/v1/files' });
  const answer = responseOf(request);
  if (Buffer.isBuffer(source)) request.end(source);
  // an answer may come before all is sent: then it says why no more is wanted
  const sent = Buffer.isBuffer(source) ? null : pipeline(source, request).then(nothing, (cause: unknown) => cause);
  try {
    const response = await answer;
    await checkStatus(response);
    return JSON.parse(await textOf(response)) as Pick<FileValue, 'file' | 'size'>; // written by the worker
  } catch (cause) {
    const broken = cause instanceof SatelliteFailure ? null : await sent;
    // what the author's own stream threw is theirs to see; the request then only says that it was cut off
    throw broken === null || broken === cause ? failureOf(cause, access) : failureOf(broken, access, { isOwn: false });
  } finally {
    if (!Buffer.isBuffer(source)) source.destroy();
  }
}

function nothing(): null {
  return null;
}

function sourceOf(content: FileContent): Buffer | Readable {
  if (typeof content === 'string') return Buffer.from(content);
  if (content instanceof ArrayBuffer) return Buffer.from(content);
  if (content instanceof Uint8Array) return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return Readable.from(content);
}

function open({ socketPath, token, signal }: GatewayAccess, options: RequestOptions): ClientRequest {
  return httpRequest({ ...options, socketPath, agent, headers: { authorization: `Bearer ${token}` }, signal });
}

function responseOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response) chunks.push(chunk as Uint8Array); // no encoding is set: it is bytes
  return Buffer.concat(chunks).toString();
}

async function checkStatus(response: IncomingMessage): Promise<void> {
  const { statusCode = 0 } = response;
  if (statusCode < 300) return;
  const error = errorIn(await textOf(response));
  if (error === null) throw unavailable(`answered ${statusCode} without a reason`);
  const { message, code, retryable } = error;
  throw new SatelliteFailure(message, { code: code ?? 'blob-store-unavailable', retryable: retryable ?? true });
}

function errorIn(text: string): { readonly message: string; readonly code?: string; readonly retryable?: boolean } | null {
  try {
    const { error } = JSON.parse(text) as { error?: { message: string } }; // as the protocol has it; anything else is caught
    return typeof error?.message === 'string' ? error : null;
  } catch {
    return null; // said by the caller
  }
}

function failureOf(cause: unknown, { signal }: GatewayAccess, { isOwn } = { isOwn: true }): unknown {
  if (signal.aborted) return signal.reason;
  return isOwn && isSystemError(cause) ? unavailable(`broke off: ${cause.message}`, cause) : cause;
}

function isSystemError(cause: unknown): cause is Error {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && /^(E[A-Z]+|HPE_.*)$/.test(cause.code);
}

function unavailable(what: string, cause?: unknown): SatelliteFailure {
  return new SatelliteFailure(`The gateway to the blob store ${what}. Another attempt may help.`, {
    code: 'blob-store-unavailable',
    cause,
  });
}
