/** A file, as it stands in inputs and outputs: the bytes lie in the blob store, this names them. */
export interface FileValue {
  /** `sha256:` and 64 hex digits. */
  readonly file: string;
  readonly name: string;
  readonly size: number;
  readonly 'content-type': string;
}
