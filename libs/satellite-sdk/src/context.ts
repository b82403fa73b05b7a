import type { FileValue } from './file-value.ts';
import type { JsonObject } from './json.ts';

/** Writes log records. They are kept with the execution; secrets in them are masked. */
export interface SatelliteLogger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** Reads and writes files of the blob store. */
export interface SatelliteFiles {
  /** The bytes of a file, as they come. */
  read(file: Pick<FileValue, 'file'>): ReadableStream<Uint8Array>;
  /** All bytes of a file: for files that fit into the satellite's memory. */
  bytes(file: Pick<FileValue, 'file'>): Promise<Uint8Array>;
  /** A file as text in UTF-8. */
  text(file: Pick<FileValue, 'file'>): Promise<string>;
  /** Stores bytes; the value that it gives goes into an output object. */
  write(name: string, contentType: string, content: FileContent): Promise<FileValue>;
}

/** What can be written as a file. A stream is never held in memory as a whole. */
export type FileContent = string | Uint8Array | ArrayBuffer | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** What a satellite is given beside the request, to work on it. */
export interface SatelliteContext {
  /** `<run>/<step>/<path>`, for people and logs. */
  readonly execution: string;
  /** The same in every attempt and retry: send it along with whatever has an effect. */
  readonly idempotencyKey: string;
  /** Starts at 1. */
  readonly attempt: number;
  /** ISO 8601: when this attempt is stopped. */
  readonly deadline: string;
  /** How much of a stream that an earlier attempt began is recorded: so many objects, the last with that key. */
  readonly resume: { readonly count: number; readonly lastKey: string | null } | null;
  /** Aborts when the attempt is stopped. */
  readonly signal: AbortSignal;
  readonly log: SatelliteLogger;
  readonly files: SatelliteFiles;
  /**
   * Hands objects on while the satellite still works; the promise settles when more may come. Only where the manifest names
   * `output.key`. What `run` returns comes after them.
   */
  emit(objects: readonly object[]): Promise<void>;
  /** Token counts and the like: kept on the execution, never in the output. Later values of a key replace earlier ones. */
  metrics(values: JsonObject): void;
  /** The base URL that the environment gives a service (`s3`), without a slash at its end, or else the fallback. */
  endpoint(name: string, fallbackUrl: string): string;
}
