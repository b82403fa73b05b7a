import { randomFillSync } from 'node:crypto';
import type { JsonObject } from '@exosphere/model';
import type { SatelliteRequest } from '@exosphere/ports';

/** Where things are in the container, as the satellite is told. */
export interface Surroundings {
  readonly concurrency: number;
  readonly files: string;
  /** Null: it has no network. */
  readonly egress: string | null;
  readonly endpoints: Readonly<Record<string, string>>;
}

/** The keys of one attempt, which nobody else can guess. */
export interface AttemptKeys {
  /** Every answer carries it. */
  readonly nonce: string;
  /** Opens the blob gateway. */
  readonly filesToken: string;
}

export function newKeys(): AttemptKeys {
  return { nonce: fresh(16).toString('hex'), filesToken: fresh(24).toString('base64url') };
}

const reserve = Buffer.alloc(4_000);
let used = reserve.length;

/** Random bytes: many small requests to the system cost more than few large ones. Each is handed out once. */
function fresh(bytes: number): Buffer {
  if (used + bytes > reserve.length) {
    randomFillSync(reserve);
    used = 0;
  }
  used += bytes;
  return reserve.subarray(used - bytes, used);
}

/** The worker's first line to a warm container. */
export function helloLine(surroundings: Surroundings): string {
  return `${JSON.stringify({ exosphere: 1, ...surroundings })}\n`;
}

/** A request. `input` is left out where it is the item: both are then written once. */
function wireOf(request: SatelliteRequest, preset: JsonObject, timeoutMs: number): JsonObject {
  const { execution, idempotencyKey, attempt, deadline, resume, config, input, item, secrets } = request;
  return {
    execution,
    'idempotency-key': idempotencyKey,
    attempt,
    deadline,
    'timeout-ms': timeoutMs,
    resume: resume === null ? null : { count: resume.count, 'last-key': resume.lastKey },
    config: { ...config, ...preset },
    ...(input === item ? {} : { input }),
    item,
    secrets,
  };
}

export interface RequestOptions {
  readonly keys: AttemptKeys;
  /** Config values that are set in advance. */
  readonly preset: JsonObject;
  readonly timeoutMs: number;
}

/** The line of one request. */
export function requestLine(request: SatelliteRequest, { keys, preset, timeoutMs }: RequestOptions): string {
  return `${JSON.stringify({ nonce: keys.nonce, 'files-token': keys.filesToken, ...wireOf(request, preset, timeoutMs) })}\n`;
}

/** The line of a batch. */
export function batchLine(requests: readonly SatelliteRequest[], { keys, preset, timeoutMs }: RequestOptions): string {
  const items = requests.map((request) => wireOf(request, preset, timeoutMs));
  return `${JSON.stringify({ nonce: keys.nonce, 'files-token': keys.filesToken, 'timeout-ms': timeoutMs, items })}\n`;
}

/** The one line of `mode: once`. */
export function onceLine(request: SatelliteRequest, surroundings: Surroundings, { keys, preset, timeoutMs }: RequestOptions): string {
  const { files, egress, endpoints } = surroundings;
  // the nonce is not the first key: a program that prints what it reads gives an object, not an answer
  const where = { exosphere: 1, files, egress, endpoints, nonce: keys.nonce, 'files-token': keys.filesToken };
  return `${JSON.stringify({ ...where, ...wireOf(request, preset, timeoutMs) })}\n`;
}

export function cancelLine(nonce: string): string {
  return `{"cancel":"${nonce}"}\n`;
}

export function takenLine(nonce: string): string {
  return `{"taken":"${nonce}"}\n`;
}
