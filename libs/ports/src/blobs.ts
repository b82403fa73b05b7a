/** A file value, as it stands in objects (spec 3.5). */
export interface FileValue {
  /** `sha256:` and 64 hex digits. */
  readonly file: string;
  readonly name: string;
  readonly size: number;
  readonly 'content-type': string;
}

/**
 * Bytes by digest, within one project. Failures: `blob-missing` (not retryable), `blob-store-unavailable` (retryable).
 */
export interface BlobStore {
  /** Stores the stream; returns digest and size. The same bytes are stored once. */
  write(
    project: string,
    content: AsyncIterable<Uint8Array>,
    options: { readonly signal: AbortSignal },
  ): Promise<{ digest: string; size: number }>;
  read(project: string, digest: string, options: { readonly signal: AbortSignal }): Promise<AsyncIterable<Uint8Array>>;
  has(project: string, digest: string): Promise<boolean>;
  remove(project: string, digest: string): Promise<void>;
}

/** Makes uploads known to the ledger: a commit refuses a value whose blob it does not know. */
export interface BlobRegister {
  /** Known for 24 h from now; a commit that names it keeps it for longer. Failures as those of the ledger. */
  recordBlob(project: string, blob: { readonly digest: string; readonly size: number; readonly host: string | null }): Promise<void>;
}
