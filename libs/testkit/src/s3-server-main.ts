import S3rver from '@20minutes/s3rver';
import AWSAccount from '@20minutes/s3rver/lib/models/account.js';
import S3Object from '@20minutes/s3rver/lib/models/object.js';
import { InternalError } from '@exosphere/model';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { S3AccessKey, S3ServerAnswer, S3ServerQuestion, StoredS3Object } from './s3-server-messages.ts';

/** The process of the S3 server: s3rver checks the signatures, the guard in front of it what s3rver leaves open. */
let server: S3rver | null = null;

async function start(port: number, directory: string, accessKeys: readonly S3AccessKey[]): Promise<number> {
  AWSAccount.registry.clear();
  const account = new AWSAccount(1, 'exosphere');
  for (const { id, secret } of accessKeys) account.createKeyPair(id, secret);
  server = new S3rver({ silent: true, directory, vhostBuckets: false });
  const serve = server.callback();
  const http = createServer((request, response) => {
    const refusal = refusalOf(request, accessKeys);
    if (refusal === null) void serve(request, response);
    else deny(response, refusal);
  });
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  return (http.address() as AddressInfo).port; // a listening TCP server has an address
}

/** s3rver lets unsigned requests pass and knows no policies: an access key may use the buckets that it names. */
function refusalOf(request: IncomingMessage, accessKeys: readonly S3AccessKey[]): string | null {
  const id = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
  if (id === undefined) return 'Anonymous access is not allowed.';
  const buckets = accessKeys.find((key) => key.id === id)?.buckets;
  const source = String(request.headers['x-amz-copy-source'] ?? '');
  const used = [request.url ?? '', source]
    .filter((path) => path !== '')
    .map((path) => decodeURIComponent(/^\/?([^/?]*)/.exec(path)?.[1] ?? ''));
  const forbidden = buckets === undefined ? undefined : used.find((bucket) => !buckets.includes(bucket));
  return forbidden === undefined ? null : `This access key may not use bucket ${forbidden}.`;
}

function deny(response: ServerResponse, message: string): void {
  response.writeHead(403, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`);
}

async function answer(question: S3ServerQuestion): Promise<unknown> {
  if (question.kind === 'start') return start(question.port, question.directory, question.accessKeys);
  if (server === null) throw new InternalError('the S3 server was asked before it was started');
  const { store } = server;
  switch (question.kind) {
    case 'create-bucket':
      await store.putBucket(question.bucket);
      return null;
    case 'put': {
      const { content, contentType, metadata } = question.object;
      const named = Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]));
      // A stream: s3rver does not wait until a buffer is written.
      const whole = Readable.from([Buffer.from(content)]);
      await store.putObject(new S3Object(question.bucket, question.key, whole, { 'content-type': contentType, ...named }));
      return null;
    }
    case 'get': {
      const object = await store.getObject(question.bucket, question.key);
      return object === null ? null : await read(object);
    }
    case 'keys':
      return (await store.listObjects(question.bucket, {})).objects.map(({ key }) => key);
  }
}

async function read(object: {
  content: AsyncIterable<Buffer> | null;
  metadata: Readonly<Record<string, string>>;
}): Promise<StoredS3Object> {
  const prefix = 'x-amz-meta-';
  const named = Object.entries(object.metadata).filter(([name]) => name.startsWith(prefix));
  return {
    content: object.content === null ? new Uint8Array() : await buffer(object.content),
    contentType: object.metadata['content-type'] ?? '',
    metadata: Object.fromEntries(named.map(([name, value]) => [name.slice(prefix.length), value])),
  };
}

process.on('message', ({ id, question }: { id: number; question: S3ServerQuestion }) => {
  const send = (value: unknown, error: string | null): void => void process.send?.({ id, value, error } satisfies S3ServerAnswer);
  answer(question).then(
    (value) => send(value, null),
    (error: unknown) => send(null, error instanceof Error ? error.message : String(error)),
  );
});
// The server ends with whoever started it, however that one ends.
process.on('disconnect', () => process.exit(0));
