import { SatelliteFailure } from '@exosphere/satellite';
import { refuseLateError } from './late-error.ts';
import { upload } from './put-object.ts';
import { failureOf, isMissingObject } from './s3-failure.ts';
import type { S3Place } from './s3-url.ts';
import { pathOf, uriOf } from './s3-url.ts';
import type { S3Page } from './s3-xml.ts';
import { readPage } from './s3-xml.ts';
import type { S3Options } from './send-request.ts';
import { createSender } from './send-request.ts';

/** One object in a bucket. */
export type S3Object = Required<S3Place>;

/** What S3 knows of an object beside its bytes. */
export interface S3ObjectInfo {
  readonly size: number;
  readonly contentType: string;
  readonly etag: string;
  /** What was stored with it, by name in lower case, without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface S3ListOptions {
  readonly prefix: string;
  /** Only what lies directly below the prefix. */
  readonly delimiter: '/' | null;
  /** Only keys after this one, in byte order. */
  readonly startAfter: string | null;
}

/** What is stored with an object. */
export interface S3PutOptions {
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * One S3-compatible storage, path-style. Each method fails with a `SatelliteFailure` that names bucket and key: `bucket-missing`,
 * `object-missing`, `access-denied`, `key-unsupported`, `s3-refused`, or, worth another try, `s3-unavailable`, `s3-unreachable`.
 */
export interface S3Client {
  /** Pages of at most 1,000 objects, in key order. */
  list(bucket: string, options: S3ListOptions): AsyncIterable<S3Page>;
  /** Null: there is no such object. */
  get(object: S3Object): Promise<{ readonly info: S3ObjectInfo; readonly body: ReadableStream<Uint8Array> } | null>;
  /** Null: there is no such object (or bucket: a HEAD cannot tell). */
  head(object: S3Object): Promise<S3ObjectInfo | null>;
  put(object: S3Object, body: ReadableStream<Uint8Array>, options: S3PutOptions): Promise<void>;
  /** Copies within this storage; at most 5 GiB. */
  copy(from: S3Object, to: S3Object, options: S3PutOptions): Promise<void>;
  /** An object that is not there counts as removed. */
  remove(object: S3Object): Promise<void>;
}

/** Opens a client; nothing is sent before the first question. */
export function openS3(options: S3Options): S3Client {
  const { ask, send } = createSender(options);

  const find = async (method: 'GET' | 'HEAD', object: S3Object): Promise<Response | null> => {
    const answer = await ask({ ...object, method, action: 'Reading' });
    if (answer.kind === 'response') return answer.response;
    if (isMissingObject(answer.refusal)) return null;
    throw failureOf(answer.refusal, object, 'Reading');
  };

  return {
    list: (bucket, listing) =>
      listPages(async (query) => (await send({ bucket, method: 'GET', action: 'Listing', query })).text, bucket, listing),
    get: async (object) => {
      const response = await find('GET', object);
      return response === null ? null : { info: infoOf(response), body: response.body ?? noBytes() };
    },
    head: async (object) => {
      const response = await find('HEAD', object);
      await response?.text();
      return response === null ? null : infoOf(response);
    },
    put: (object, body, stored) => upload(send, object, body, headersOf(stored)),
    copy: async (from, to, stored) => {
      const headers = { ...headersOf(stored), 'x-amz-copy-source': pathOf(from), 'x-amz-metadata-directive': 'REPLACE' };
      refuseLateError((await send({ ...to, method: 'PUT', action: `Copying from ${uriOf(from)}`, headers })).text, to);
    },
    remove: async (object) => {
      const answer = await ask({ ...object, method: 'DELETE', action: 'Deleting' });
      if (answer.kind === 'response') await answer.response.text();
      else if (!isMissingObject(answer.refusal)) throw failureOf(answer.refusal, object, 'Deleting');
    },
  };
}

async function* listPages(
  read: (query: Record<string, string>) => Promise<string>,
  bucket: string,
  options: S3ListOptions,
): AsyncGenerator<S3Page> {
  const query = {
    'list-type': '2',
    'encoding-type': 'url',
    prefix: options.prefix,
    ...(options.delimiter === null ? {} : { delimiter: options.delimiter }),
  };
  let from: Record<string, string> = options.startAfter === null ? {} : { 'start-after': options.startAfter };
  for (;;) {
    const page = readPage(await read({ ...query, ...from }));
    if (page === null) throw unreadable(bucket);
    yield page;
    if (page.next === null) return;
    from = { 'continuation-token': page.next };
  }
}

function infoOf({ headers }: Response): S3ObjectInfo {
  const prefix = 'x-amz-meta-';
  const metadata = [...headers].filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]);
  return {
    size: Number(headers.get('content-length') ?? 0),
    contentType: headers.get('content-type') ?? 'application/octet-stream',
    etag: (headers.get('etag') ?? '').replaceAll('"', ''),
    metadata: Object.fromEntries(metadata) as Record<string, string>, // pairs of texts, from above
  };
}

function headersOf({ contentType, metadata }: S3PutOptions): Record<string, string> {
  const named = Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  return { 'content-type': contentType, ...(Object.fromEntries(named) as Record<string, string>) }; // pairs of texts, from above
}

function unreadable(bucket: string): SatelliteFailure {
  const message = `The listing of bucket '${bucket}' is no S3 listing. Is the endpoint an S3-compatible storage?`;
  return new SatelliteFailure(message, { code: 's3-refused', retryable: false });
}

function noBytes(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() });
}
