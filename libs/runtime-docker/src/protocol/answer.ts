import type { Buffer } from 'node:buffer';
import type { Json, JsonObject, LogLevel } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import type { SatelliteError, SatelliteReply } from '@exosphere/ports';
import { tooDeep } from './depth.ts';
import { listWeight, weightOf } from './weight.ts';

/** What a container said in one line, looked at: it comes from the other side of the boundary (docs/container-protocol.md). */
export type Answer =
  | { readonly kind: 'reply'; readonly reply: SatelliteReply }
  /** Of a batch, in the order of its items. Null: no result for this one. */
  | { readonly kind: 'results'; readonly replies: readonly (SatelliteReply | null)[] }
  | { readonly kind: 'emit'; readonly objects: readonly JsonObject[] }
  /** To `cancel`: it was heard. */
  | { readonly kind: 'heard' }
  | { readonly kind: 'log'; readonly index: number | null; readonly record: SaidLog }
  /** More than a worker keeps in memory: it was not read. */
  | { readonly kind: 'too-large' }
  /** It carries the nonce of a request and is no answer: what is wrong with it. */
  | { readonly kind: 'broken'; readonly fault: string };

export interface SaidLog {
  readonly time: string | null;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: JsonObject;
}

const nonceFirst = /^\s*\{\s*"nonce"\s*:\s*"([0-9a-f]{32})"/;
const readyFirst = /^\s*\{\s*"exosphere"\s*:/;

/** The nonce that a line begins with; null: it is no answer. */
export function nonceIn(beginning: Buffer): string | null {
  return nonceFirst.exec(beginning.toString('latin1', 0, 128))?.[1] ?? null;
}

/** Whether a line may be the one that says that the satellite is ready. */
export function mayBeReady(beginning: Buffer): boolean {
  return readyFirst.test(beginning.toString('latin1', 0, 64));
}

/** Whether this line says that the satellite can work. */
export function isReady(text: string): boolean {
  const value = parsed(text);
  return value !== undefined && isJsonObject(value) && value['exosphere'] === 1 && value['ready'] === true;
}

/** Reads a line that begins with a nonce. */
export function readAnswer(text: string): Answer {
  // before it is parsed: what its values take in memory may be thirty times the text
  if (weightOf(text) > listWeight) return { kind: 'too-large' };
  if (tooDeep(text)) return broken('it is nested too deeply');
  const value = parsed(text);
  if (value === undefined || !isJsonObject(value)) return broken('it is no JSON object');
  const { log, emit, objects, error, results, index, heard } = value;
  if (heard === true) return { kind: 'heard' };
  if (log !== undefined) return logOf(log, index);
  if (emit !== undefined) {
    const list = objectsOf(emit);
    return list === null ? broken("'emit' is no list of objects") : { kind: 'emit', objects: list };
  }
  if (results !== undefined) {
    if (!Array.isArray(results)) return broken("'results' is no list");
    return { kind: 'results', replies: results.map((one: Json) => (isJsonObject(one) ? replyOf(one) : null)) };
  }
  if (objects === undefined && error === undefined) return broken("it has none of 'objects', 'error', 'results', 'emit' and 'log'");
  return { kind: 'reply', reply: replyOf(value) };
}

/** An object that a plain program printed in a line (`mode: once`); null: it is none. */
export function printedObject(text: string): JsonObject | null {
  if (tooDeep(text)) return null;
  const value = parsed(text);
  return value !== undefined && isJsonObject(value) ? value : null;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json; // the definition of JSON
  } catch {
    return undefined; // said by the callers
  }
}

function broken(fault: string): Answer {
  return { kind: 'broken', fault };
}

function objectsOf(value: Json): readonly JsonObject[] | null {
  return Array.isArray(value) && value.every(isJsonObject) ? value : null;
}

function replyOf({ objects, error, metrics }: JsonObject): SatelliteReply {
  const kept = isJsonObject(metrics) && Object.keys(metrics).length > 0 ? metrics : null;
  if (error !== undefined && error !== null) return { kind: 'error', error: errorOf(error), metrics: kept };
  const list = objects === undefined ? null : objectsOf(objects);
  if (list !== null) return { kind: 'objects', objects: list, metrics: kept };
  return { kind: 'error', error: noList, metrics: kept };
}

/** A list of which a worker could not keep the whole in memory. */
export const tooLarge: SatelliteError = {
  message:
    'The list has more than 256 MiB, each value counted with 32 bytes at least. Hand it on in parts: name output.key in the manifest, and emit.',
  code: 'output-too-large',
  retryable: false,
  retryAfterMs: null,
};

const noList: SatelliteError = {
  message: "A satellite returns a list of objects; 'objects' is none.",
  code: 'output-invalid',
  retryable: true,
  retryAfterMs: null,
};

const codeForm = /^[a-z0-9][a-z0-9-]{0,63}$/;

function errorOf(error: Json): SatelliteError {
  if (!isJsonObject(error))
    return { message: typeof error === 'string' ? error : 'It failed.', code: 'satellite-error', retryable: true, retryAfterMs: null };
  const { message, code, retryable, 'retry-after': after } = error;
  return {
    message: typeof message === 'string' && message !== '' ? message : 'It failed, and did not say why.',
    code: typeof code === 'string' && codeForm.test(code) ? code : 'satellite-error',
    retryable: retryable !== false,
    retryAfterMs: typeof after === 'number' && after >= 0 ? after : null,
  };
}

const levels: ReadonlySet<unknown> = new Set(['debug', 'info', 'warn', 'error']);

function logOf(log: Json, index: Json | undefined): Answer {
  if (!isJsonObject(log)) return broken("'log' is no object");
  const { time, level, message, fields } = log;
  return {
    kind: 'log',
    index: typeof index === 'number' ? index : null,
    record: {
      time: typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? new Date(time).toISOString() : null,
      level: levels.has(level) ? (level as LogLevel) : 'info', // one of the levels
      message: typeof message === 'string' ? message : JSON.stringify(message ?? null),
      fields: isJsonObject(fields) ? fields : {},
    },
  };
}
