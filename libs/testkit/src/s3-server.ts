import { ExosphereError } from '@exosphere/model';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3AccessKey, S3ServerAnswer, S3ServerQuestion, StoredS3Object } from './s3-server-messages.ts';

export type { S3AccessKey, StoredS3Object } from './s3-server-messages.ts';

export interface S3ServerOptions {
  readonly accessKeys: readonly S3AccessKey[];
  /** Made at the start. */
  readonly buckets?: readonly string[];
}

/** An S3-compatible server on loopback, in a process of its own. */
export interface S3Server {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  createBucket(bucket: string): Promise<void>;
  put(bucket: string, key: string, content: Uint8Array | string, options?: Partial<Omit<StoredS3Object, 'content'>>): Promise<void>;
  /** Null: there is no such object. */
  get(bucket: string, key: string): Promise<StoredS3Object | null>;
  /** All keys of a bucket, sorted. */
  keys(bucket: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/**
 * Starts an S3-compatible server (s3rver) that checks signatures: a wrong key is refused as S3 does, and so is an unsigned request.
 *
 * It needs OpenSSL's legacy provider, since s3rver encrypts its continuation tokens with DES.
 */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'exosphere-s3-'));
  const child = fork(join(import.meta.dirname, 's3-server-main.ts'), {
    execArgv: ['--openssl-legacy-provider', '--no-warnings'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (answer: S3ServerAnswer) => void>();
  child.on('message', (answer: S3ServerAnswer) => waiting.get(answer.id)?.(answer));
  child.on('exit', () => {
    for (const [id, settle] of waiting) settle({ id, value: null, error: 'the process of the S3 server has ended' });
  });
  let asked = 0;
  const ask = async (question: S3ServerQuestion): Promise<unknown> => {
    const id = ++asked;
    const { value, error } = await new Promise<S3ServerAnswer>((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, question });
    });
    waiting.delete(id);
    if (error !== null) throw new ExosphereError('test-server', `The S3 server could not ${question.kind}: ${error}`);
    return value;
  };
  const port = await ask({ kind: 'start', directory, accessKeys: options.accessKeys });
  const createBucket = async (bucket: string): Promise<void> => {
    await ask({ kind: 'create-bucket', bucket });
  };
  for (const bucket of options.buckets ?? []) await createBucket(bucket);
  return {
    url: `http://127.0.0.1:${String(port)}`,
    createBucket,
    put: async (bucket, key, content, { contentType = 'application/octet-stream', metadata = {} } = {}) => {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      await ask({ kind: 'put', bucket, key, object: { content: bytes, contentType, metadata } });
    },
    get: async (bucket, key) => (await ask({ kind: 'get', bucket, key })) as StoredS3Object | null, // the answer to that question
    keys: async (bucket) => [...((await ask({ kind: 'keys', bucket })) as string[])].sort(), // the answer to that question
    stop: async () => {
      const ended = once(child, 'exit');
      if (child.exitCode === null && child.signalCode === null) {
        child.disconnect();
        await ended;
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}
