import type { Json, JsonObject } from '../json.ts';

/** The worker's first line (docs/container-protocol.md); in `mode: once` the request has these keys as well. */
export interface Hello {
  readonly exosphere: number;
  /** The unix socket of the blob gateway. */
  readonly files?: string | null;
  readonly egress?: string | null;
  readonly endpoints?: Readonly<Record<string, string>> | null;
}

/** A request, as it comes: without `input`, the item is the input. */
export interface ReceivedRequest {
  readonly execution: string;
  readonly 'idempotency-key': string;
  readonly attempt: number;
  readonly deadline: string;
  readonly 'timeout-ms'?: number | null;
  readonly resume?: { readonly count: number; readonly 'last-key': string | null } | null;
  readonly config: JsonObject;
  readonly item?: Json;
  readonly input?: Json;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** What a line gives to work on: one request, or a batch of them. */
export type Work = { readonly nonce: string; readonly 'files-token'?: string; readonly 'timeout-ms'?: number | null } & (
  ReceivedRequest | { readonly items: readonly ReceivedRequest[] }
);

/** The requests of a line. */
export function requestsOf(work: Work): readonly ReceivedRequest[] {
  return 'items' in work ? work.items : [work];
}

/** The time limit of a line; of a batch, that of its most patient item. Null: none. */
export function timeoutOf(work: Work): number | null {
  const limits = [work['timeout-ms'], ...requestsOf(work).map((request) => request['timeout-ms'])].filter(
    (limit) => typeof limit === 'number',
  );
  return limits.length === 0 ? null : Math.max(...limits);
}
