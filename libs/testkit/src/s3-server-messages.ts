/** An access key that the server knows. */
export interface S3AccessKey {
  readonly id: string;
  readonly secret: string;
  /** The buckets that it may use; absent: all. */
  readonly buckets?: readonly string[];
}

/** An object as it lies in the server. */
export interface StoredS3Object {
  readonly content: Uint8Array;
  readonly contentType: string;
  /** Without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What the test asks of the server's process. */
export type S3ServerQuestion =
  | { readonly kind: 'start'; readonly port: number; readonly directory: string; readonly accessKeys: readonly S3AccessKey[] }
  | { readonly kind: 'create-bucket'; readonly bucket: string }
  | { readonly kind: 'put'; readonly bucket: string; readonly key: string; readonly object: StoredS3Object }
  | { readonly kind: 'get'; readonly bucket: string; readonly key: string }
  | { readonly kind: 'keys'; readonly bucket: string };

export interface S3ServerAnswer {
  readonly id: number;
  /** Port, object, list of keys or nothing, as the question has it. */
  readonly value: unknown;
  readonly error: string | null;
}
