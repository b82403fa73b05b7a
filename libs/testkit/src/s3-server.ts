import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3AccessKey, StoredS3Object } from './s3-server-messages.ts';
import { startS3Process } from './s3-server-process.ts';

export type { S3AccessKey, StoredS3Object } from './s3-server-messages.ts';

export interface S3ServerOptions {
  /** Default 0: a free port. */
  readonly port?: number;
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
 * Starts an S3-compatible server (s3rver) that checks signatures: a wrong key is refused as S3 does, and so are an unsigned request and a
 * bucket that the key may not use.
 */
export async function startS3Server({ port = 0, accessKeys, buckets = [] }: S3ServerOptions): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'exosphere-s3-'));
  const { ask, stop: stopProcess } = startS3Process();
  const stop = async (): Promise<void> => {
    await stopProcess();
    await rm(directory, { recursive: true, force: true });
  };
  const createBucket = async (bucket: string): Promise<void> => {
    await ask({ kind: 'create-bucket', bucket });
  };
  let listening: unknown;
  try {
    listening = await ask({ kind: 'start', port, directory, accessKeys });
    for (const bucket of buckets) await createBucket(bucket);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${String(listening)}`,
    createBucket,
    put: async (bucket, key, content, { contentType = 'application/octet-stream', metadata = {} } = {}) => {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      await ask({ kind: 'put', bucket, key, object: { content: bytes, contentType, metadata } });
    },
    get: async (bucket, key) => (await ask({ kind: 'get', bucket, key })) as StoredS3Object | null, // the answer to that question
    keys: async (bucket) => [...((await ask({ kind: 'keys', bucket })) as string[])].sort(), // the answer to that question
    stop,
  };
}
