import type { Json, JsonObject, LockedSatellite, LogLevel } from '@exosphere/model';

/** What a satellite is given for one execution (spec 4.2). */
export interface SatelliteRequest {
  /** `<run>/<step>/<path>`, for people and logs. */
  readonly execution: string;
  /** The same in every attempt and retry. */
  readonly idempotencyKey: string;
  /** Starts at 1. */
  readonly attempt: number;
  /** ISO 8601: when this attempt is stopped. */
  readonly deadline: string;
  /** A stream that an earlier attempt began: how much of it is recorded. */
  readonly resume: { readonly count: number; readonly lastKey: string | null } | null;
  readonly config: JsonObject;
  readonly input: Json;
  readonly item: Json;
  /** Plain values. They are never stored and never logged. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** The answer for one request. Bad output is an error with code `output-invalid` or `output-cardinality`, found by the caller. */
export type SatelliteReply =
  | { readonly kind: 'objects'; readonly objects: readonly JsonObject[]; readonly metrics: JsonObject | null }
  /** It is not done yet, and nothing runs: ask again after so many ms. The attempt goes on, and no worker is held. */
  | { readonly kind: 'later'; readonly afterMs: number }
  | { readonly kind: 'error'; readonly error: SatelliteError; readonly metrics: JsonObject | null };

/** The error that a satellite (or its runtime) gives for one request. */
export interface SatelliteError {
  readonly message: string;
  readonly code: string;
  readonly retryable: boolean;
  /** Not before so many ms. */
  readonly retryAfterMs: number | null;
}

/** A log record that a satellite writes while it works on one request. */
export interface SatelliteLog {
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: JsonObject;
}

/** What a call reports as it goes. `index` is the place of the request in the call. */
export interface SatelliteEvents {
  /** The final answer for one request: once for each index at the most. May come in any order. */
  reply(index: number, reply: SatelliteReply): void;
  /** Objects of a streamed list, in order; the next ones come only after the promise settled. Only where the satellite has a key. */
  objects(index: number, objects: readonly JsonObject[]): Promise<void>;
  log(index: number, record: SatelliteLog): void;
}

/** How a call ended. Requests without a reply are lost with it, and nobody knows which of them was to blame. */
export type CallEnd =
  | { readonly kind: 'done' }
  /** The process, isolate or container died, or was killed for its memory or its time. */
  | {
      readonly kind: 'lost';
      readonly reason: 'crash' | 'memory' | 'timeout' | 'cancelled';
      readonly message: string;
      /** Requests of other calls were in work in the same place: nobody knows whether one of these was to blame. */
      readonly shared?: true;
    };

export interface SatelliteCall {
  readonly requests: readonly SatelliteRequest[];
  /** `each`: the requests have nothing to do with one another. `batch`: the step has `batch`, they are one call of the satellite. */
  readonly mode: 'each' | 'batch';
  /** Time limit of each request of this call, in ms. */
  readonly timeoutMs: number;
  /**
   * Whether a runtime that stopped a request for another's sake may begin it anew by itself (default), or has to report it as lost:
   * with `on-ambiguous: fail` an effect must not happen twice.
   */
  readonly repeatable?: boolean;
  /** Nothing else may be in work where these are: they were lost together with others, and one of them was to blame. Default: no. */
  readonly apart?: boolean;
  readonly events: SatelliteEvents;
}

/** Where a value does not fit its schema: a JSON pointer and a sentence. Null: it fits. */
export type Violation = { readonly at: string; readonly message: string } | null;

/** A satellite, ready to be called: of one run and step, for the length of one lease (or longer, for the same project). */
export interface OpenSatellite {
  /** Checks against the manifest's schemas. Reading only, fast, no error thrown. */
  checkConfig(config: Json): Violation;
  checkInput(input: Json): Violation;
  checkOutput(object: Json): Violation;
  /** Most requests that one call should carry. */
  readonly callSize: number;
  /**
   * Never throws for what the satellite does; throws `ExosphereError` where the runtime itself cannot go on: `runtime-unavailable` only
   * where no request that has had no answer was handed to the satellite.
   */
  invoke(call: SatelliteCall, options: { readonly signal: AbortSignal }): Promise<CallEnd>;
  close(): Promise<void>;
}

/** Who opens a satellite, and for what. */
export interface OpenOptions {
  readonly project: string;
  readonly run: string;
  readonly step: string;
  /** `execution`: an isolate context for each request. */
  readonly fresh: 'lease' | 'execution';
  /**
   * Told of what goes on while the satellite is opened, where that takes long: an image is pulled, a server starts. It becomes a record
   * in the log of the run, at `info`; how often is the runtime's affair.
   */
  note?(message: string, fields: JsonObject): void;
  /** Aborts when nobody waits for it any more: the run was cancelled, or its worker stops. */
  readonly signal: AbortSignal;
}

/**
 * Runs satellites of one kind (isolate, container, in process).
 *
 * `open` fails with `ExosphereError`: `satellite-missing` (not retryable), `digest-mismatch` (not retryable),
 * `runtime-unavailable` (retryable: items wait).
 */
export interface SatelliteRuntime {
  /** Whether this runtime runs that satellite. */
  runs(satellite: LockedSatellite): boolean;
  open(satellite: LockedSatellite, options: OpenOptions): Promise<OpenSatellite>;
  close(): Promise<void>;
}
