import type { Json, JsonObject } from './json.ts';

/** What a satellite is sent for one execution, as JSON (spec 4.2). */
export interface WireRequest {
  /** `<run>/<step>/<path>`, for people and logs. */
  readonly execution: string;
  /** The same in every attempt and retry. */
  readonly 'idempotency-key': string;
  /** Starts at 1. */
  readonly attempt: number;
  /** ISO 8601: when this attempt is stopped. */
  readonly deadline: string;
  /** How much of a stream that an earlier attempt began is recorded. */
  readonly resume: { readonly count: number; readonly 'last-key': string | null } | null;
  readonly config: JsonObject;
  readonly input: Json;
  readonly item: Json;
  readonly secrets: Readonly<Record<string, string>>;
}

/** The answer for one request: a list of objects or an error. */
export type WireReply =
  | { readonly objects: readonly JsonObject[]; readonly metrics?: JsonObject | null }
  | { readonly error: WireError; readonly metrics?: JsonObject | null };

export interface WireError {
  readonly message: string;
  readonly code: string;
  readonly retryable: boolean;
  /** Not before so many ms. */
  readonly 'retry-after'?: number | null;
}

/** Several requests in one call; the replies come in the same order. */
export interface WireBatchRequest {
  readonly items: readonly WireRequest[];
}

/** A missing or null reply fails only its item. */
export interface WireBatchReply {
  readonly results: readonly (WireReply | null)[];
}

/** A log record as a satellite writes it. */
export interface WireLog {
  readonly time: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: JsonObject;
}
