import type { Json, JsonObject } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import type { SatelliteError, SatelliteLog, SatelliteReply } from '@exosphere/ports';

/** What a guest reported of one request, looked at: it comes from the other side of the boundary. */
export type Report =
  | { readonly kind: 'reply'; readonly index: number; readonly reply: SatelliteReply }
  | { readonly kind: 'part'; readonly index: number; readonly objects: readonly JsonObject[] }
  | { readonly kind: 'log'; readonly index: number; readonly record: SatelliteLog }
  /** This request is started next, those after it wait; the number of requests: all were started. */
  | { readonly kind: 'waiting'; readonly index: number };

/** A guest that sends what our side of it never writes. */
export class BrokenReport extends RangeError {}

const levels: ReadonlySet<unknown> = new Set(['debug', 'info', 'warn', 'error']);

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new BrokenReport('a text is missing');
  return value;
}

function objectOf(value: unknown): JsonObject {
  if (!isJsonObject(value)) throw new BrokenReport('an object is missing');
  return value;
}

function metricsOf(value: unknown): JsonObject | null {
  const metrics = objectOf(value);
  return Object.keys(metrics).length === 0 ? null : metrics;
}

/** Null: an entry is no object, which a `toJSON` of the author's can bring about. */
export function objectsOf(value: unknown): readonly JsonObject[] | null {
  if (!Array.isArray(value)) throw new BrokenReport('a list is missing');
  return value.every(isJsonObject) ? value : null;
}

const notObjects: SatelliteError = {
  message: 'A satellite returns a list of objects; an entry of this one became something else when it was written as JSON.',
  code: 'output-invalid',
  retryable: true,
  retryAfterMs: null,
};

function errorOf(value: unknown): SatelliteError {
  const { message, code, retryable, retryAfterMs } = objectOf(value);
  return {
    message: textOf(message),
    code: textOf(code),
    retryable: retryable === true,
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : null,
  };
}

function reportOf(tuple: unknown, requests: number): Report {
  if (!Array.isArray(tuple)) throw new BrokenReport('a report is no list');
  const [index, kind, ...rest] = tuple as readonly Json[]; // parsed from JSON
  const end = kind === 'w' ? requests + 1 : requests;
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= end) throw new BrokenReport('no such request');
  switch (kind) {
    case 'o': {
      const objects = objectsOf(rest[0]);
      const metrics = metricsOf(rest[1]);
      return {
        kind: 'reply',
        index,
        reply: objects === null ? { kind: 'error', error: notObjects, metrics } : { kind: 'objects', objects, metrics },
      };
    }
    case 'p': {
      const objects = objectsOf(rest[0]);
      return objects === null
        ? { kind: 'reply', index, reply: { kind: 'error', error: notObjects, metrics: null } }
        : { kind: 'part', index, objects };
    }
    case 'e':
      return { kind: 'reply', index, reply: { kind: 'error', error: errorOf(rest[0]), metrics: metricsOf(rest[1]) } };
    case 'w':
      return { kind: 'waiting', index };
    case 'l':
      return { kind: 'log', index, record: logOf(rest) };
    default:
      throw new BrokenReport('an unknown kind of report');
  }
}

function logOf([time, level, message, fields]: readonly unknown[]): SatelliteLog {
  if (typeof time !== 'number' || !(Math.abs(time) < 8.64e15) || !levels.has(level))
    throw new BrokenReport('a log record is not of its form');
  return { time: new Date(time).toISOString(), level: level as SatelliteLog['level'], message: textOf(message), fields: objectOf(fields) }; // one of the levels
}

/** Reads the body of a `replies` message. */
export function readReports(text: string, requests: number): readonly Report[] {
  const tuples: unknown = JSON.parse(text);
  if (!Array.isArray(tuples)) throw new BrokenReport('the reports are no list');
  return tuples.map((tuple) => reportOf(tuple, requests));
}
