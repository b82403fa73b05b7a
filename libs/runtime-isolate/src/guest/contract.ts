/*
 * What a satellite is given, as `@exosphere/satellite` promises it to authors. That package is bundled into satellites, and the guest
 * imports no type of it; a test compares the two.
 */

export interface FileValue {
  readonly file: string;
  readonly name: string;
  readonly size: number;
  readonly 'content-type': string;
}

export type FileContent = string | Uint8Array | ArrayBuffer | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

export interface SatelliteFiles {
  read(file: Pick<FileValue, 'file'>): ReadableStream<Uint8Array>;
  bytes(file: Pick<FileValue, 'file'>): Promise<Uint8Array>;
  text(file: Pick<FileValue, 'file'>): Promise<string>;
  write(name: string, contentType: string, content: FileContent): Promise<FileValue>;
}

export interface SatelliteContext {
  readonly execution: string;
  readonly idempotencyKey: string;
  readonly attempt: number;
  readonly deadline: string;
  readonly resume: { readonly count: number; readonly lastKey: string | null } | null;
  readonly signal: AbortSignal;
  readonly log: Readonly<Record<'debug' | 'info' | 'warn' | 'error', (message: string, fields?: object) => void>>;
  readonly files: SatelliteFiles;
  emit(objects: readonly object[]): Promise<void>;
  metrics(values: object): void;
  endpoint(name: string, fallbackUrl: string): string;
}

export interface SatelliteRequest {
  readonly config: unknown;
  readonly input: unknown;
  readonly item: unknown;
  readonly secrets: Readonly<Record<string, string>>;
}

export interface Satellite {
  run(request: SatelliteRequest, context: SatelliteContext): unknown;
  runBatch?(requests: readonly SatelliteRequest[], contexts: readonly SatelliteContext[]): Promise<unknown>;
}
