import type { LogLevel, LogRecord } from '@exosphere/model';
import { isAtLeast } from '@exosphere/model';

/** Most that one delivery carries. One record that is larger goes alone. */
export const batchLimits = { records: 500, bytes: 1_048_576 } as const;

export interface LogBatch {
  readonly records: readonly LogRecord[];
  /** Behind the last record that was looked at: all before it are in this batch, or of too low a level. */
  readonly end: number;
}

/** The next records from `from` on that a sink of this level takes, as many as one delivery carries. */
export function cutBatch(records: readonly LogRecord[], from: number, least: LogLevel): LogBatch {
  const batch: LogRecord[] = [];
  const encoder = new TextEncoder();
  let bytes = 0;
  for (let at = from; at < records.length; at += 1) {
    const record = records[at];
    if (record === undefined || !isAtLeast(record.level, least)) continue;
    const size = encoder.encode(JSON.stringify(record)).length;
    const isFull = batch.length === batchLimits.records || (batch.length > 0 && bytes + size > batchLimits.bytes);
    if (isFull) return { records: batch, end: at };
    batch.push(record);
    bytes += size;
  }
  return { records: batch, end: records.length };
}
