/** What this package uses of s3rver, which comes without types. */
declare module '@20minutes/s3rver' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface StoredObject {
    readonly key: string;
    readonly content: AsyncIterable<Buffer> | null;
    readonly metadata: Readonly<Record<string, string>>;
  }

  interface Store {
    putBucket(bucket: string): Promise<unknown>;
    putObject(object: object): Promise<unknown>;
    getObject(bucket: string, key: string): Promise<StoredObject | null>;
    listObjects(bucket: string, options: { readonly prefix?: string }): Promise<{ readonly objects: readonly StoredObject[] }>;
  }

  class S3rver {
    constructor(options: { readonly silent: boolean; readonly directory: string; readonly vhostBuckets: boolean });
    readonly store: Store;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  }
  export = S3rver;
}

declare module '@20minutes/s3rver/lib/models/account.js' {
  class AWSAccount {
    constructor(id: number, displayName: string);
    static readonly registry: Map<string, AWSAccount>;
    createKeyPair(accessKeyId: string, secretAccessKey: string): void;
  }
  export = AWSAccount;
}

declare module '@20minutes/s3rver/lib/models/object.js' {
  const S3Object: new (bucket: string, key: string, content: AsyncIterable<Buffer>, metadata: Readonly<Record<string, string>>) => object;
  export = S3Object;
}
