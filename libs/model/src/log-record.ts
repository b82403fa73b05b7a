import type { JsonObject } from './json.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One structured log record (spec 3.7). */
export interface LogRecord {
  /** ISO 8601. */
  readonly time: string;
  readonly level: LogLevel;
  readonly run: string;
  readonly step: string | null;
  readonly execution: string | null;
  readonly attempt: number | null;
  readonly message: string;
  readonly fields: JsonObject;
}

const order: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Tells whether `level` is at least `least`. */
export function isAtLeast(level: LogLevel, least: LogLevel): boolean {
  return order[level] >= order[least];
}
