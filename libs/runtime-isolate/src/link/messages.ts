import type { NetworkRules } from '@exosphere/egress';

/** What a guest may not exceed. */
export interface GuestLimits {
  /** Longest JSON of one object, in characters. */
  readonly objectCharacters: number;
  /** Most log records of one request. */
  readonly logRecords: number;
  /** Most characters of messages and fields of one request's log records. */
  readonly logCharacters: number;
}

/** What a cell is opened with: a context of its own for one run and step. */
export interface CellOptions {
  /** Digest of a satellite that was sent before. */
  readonly satellite: string;
  readonly network: NetworkRules;
  /** Service name → base URL, for `context.endpoint`. */
  readonly services: Readonly<Record<string, string>>;
  /** Whether `context.emit` is allowed: the manifest names a key. */
  readonly streams: boolean;
  readonly limits: GuestLimits;
}

/** Worker → sandbox process. The body of a frame is named beside its kind. */
export type ToSandbox =
  /** Body: the code of the guest's side. Once, first. */
  | { readonly kind: 'guest' }
  /** Body: the bundle. */
  | { readonly kind: 'satellite'; readonly satellite: string; readonly memoryMiB: number }
  | { readonly kind: 'open'; readonly cell: number; readonly options: CellOptions }
  /** Body: the requests, as JSON. */
  | { readonly kind: 'call'; readonly cell: number; readonly call: number }
  /** Time is up: say so to the guest, send what it has, then end the cell. */
  | { readonly kind: 'expire'; readonly cell: number; readonly call: number }
  | { readonly kind: 'close'; readonly cell: number }
  /** The answer to an ask. Body: bytes, where there are some. */
  | { readonly kind: 'answer'; readonly cell: number; readonly op: number; readonly answer: Answer };

/** The answer to what a guest asked for. */
export type Answer = { readonly value: unknown } | { readonly failure: AnswerFailure };

/** Why something that a guest asked for did not work. */
export interface AnswerFailure {
  /** The class of the error in the guest. */
  readonly name: 'TypeError' | 'AbortError' | 'SatelliteFailure';
  readonly message: string;
  readonly code: string;
  readonly retryable: boolean;
}

/** What a guest asks of the worker, not of the sandbox process. */
export type WorkerAsk =
  /** Body: a JSON list of objects. */
  | { readonly name: 'emit'; readonly call: number; readonly index: number }
  | { readonly name: 'file-open'; readonly digest: string }
  | { readonly name: 'file-pull'; readonly file: number }
  | { readonly name: 'file-close'; readonly file: number }
  | { readonly name: 'file-create' }
  /** Body: bytes. */
  | { readonly name: 'file-append'; readonly file: number }
  | { readonly name: 'file-finish'; readonly file: number };

/** Sandbox process → worker. */
export type FromSandbox =
  | { readonly kind: 'ready' }
  /** Body: JSON list of reply tuples. */
  | { readonly kind: 'replies'; readonly call: number }
  | { readonly kind: 'ask'; readonly cell: number; readonly op: number; readonly ask: WorkerAsk }
  /** The guest heard that time is up, and its cell is gone. */
  | { readonly kind: 'expired'; readonly call: number }
  /** The cell is gone: its isolate ran out of memory or broke. */
  | { readonly kind: 'lost'; readonly cell: number; readonly reason: 'memory' | 'crash'; readonly message: string };

/**
 * What a guest reports, as tuples to keep the JSON short:
 * `[index, 'o', objects, metrics]` final reply, `[index, 'p', objects]` a part of the objects before it,
 * `[index, 'e', error, metrics]` final error, `[index, 'l', time in ms, level, message, fields]` a log record,
 * `[index, 'w']` this request is started next, after a turn of the event loop; those after it wait.
 */
export type ReplyTuple = readonly [index: number, kind: 'o' | 'p' | 'e' | 'l' | 'w', ...rest: readonly unknown[]];

/** Most characters of JSON that a guest puts into one message of objects; longer lists come in parts. */
export const partCharacters = 4 * 1024 * 1024;
