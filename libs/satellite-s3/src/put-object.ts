import { refuseLateError } from './late-error.ts';
import type { S3Place } from './s3-url.ts';
import { elementText } from './s3-xml.ts';
import type { S3Sender } from './send-request.ts';

type Send = S3Sender['send'];
type Target = Required<S3Place>;

/** S3 wants at least 5 MiB for each part but the last; 10,000 parts make 78 GiB. */
const partSize = 8 * 2 ** 20;

/** Uploads a stream of unknown length: in one request if it is short, else in parts, with at most one part in memory. */
export async function upload(
  send: Send,
  target: Target,
  body: ReadableStream<Uint8Array>,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const parts = partsOf(body);
  const first = await parts.next();
  const second = await parts.next();
  if (second.done === true) {
    await send({ ...target, method: 'PUT', action: 'Writing', headers, body: first.done === true ? new Uint8Array() : first.value });
    return;
  }
  const query = { uploads: '' };
  const started = (await send({ ...target, method: 'POST', action: 'Writing', query, headers })).text;
  const uploadId = elementText(started, 'UploadId') ?? '';
  try {
    await sendParts(send, target, uploadId, joined([first.value as Uint8Array<ArrayBuffer>, second.value], parts)); // there is a second, so there is a first
  } catch (error) {
    // Parts of an upload that is given up are kept, and paid for, until it is aborted. The error that led here is the one to tell.
    await send({ ...target, method: 'DELETE', action: 'Aborting', query: { uploadId } }).catch(() => undefined);
    throw error;
  }
}

async function sendParts(send: Send, target: Target, uploadId: string, parts: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<void> {
  const listed: string[] = [];
  for await (const body of parts) {
    const partNumber = String(listed.length + 1);
    const { headers } = await send({ ...target, method: 'PUT', action: 'Writing', query: { partNumber, uploadId }, body });
    listed.push(`<Part><PartNumber>${partNumber}</PartNumber><ETag>${headers.get('etag') ?? ''}</ETag></Part>`);
  }
  const manifest = `<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`;
  const body = new TextEncoder().encode(manifest);
  const headers = { 'content-type': 'application/xml' };
  const finished = await send({ ...target, method: 'POST', action: 'Writing', query: { uploadId }, headers, body });
  refuseLateError(finished.text, target);
}

/**
 * Cuts a stream into parts of exactly {@link partSize}, the last one shorter. There are two buffers for all parts: one is overwritten
 * when the part after the next is asked for. (A buffer for each was seen to be garbage faster than it was collected.)
 */
async function* partsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined> {
  const reader = body.getReader();
  let [part, other] = [new Uint8Array(partSize), new Uint8Array(0)];
  let filled = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    for (let rest = value; rest.length > 0;) {
      const taken = rest.subarray(0, partSize - filled);
      part.set(taken, filled);
      filled += taken.length;
      rest = rest.subarray(taken.length);
      if (filled < partSize) continue;
      yield part;
      [part, other] = [other.length === 0 ? new Uint8Array(partSize) : other, part];
      filled = 0;
    }
  }
  if (filled > 0) yield part.slice(0, filled);
}

async function* joined<T>(head: readonly T[], tail: AsyncIterable<T>): AsyncGenerator<T> {
  yield* head;
  yield* tail;
}
