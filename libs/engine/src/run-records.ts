import type { EndedRunStatus, LogLevel, LogRecord, RunId } from '@exosphere/model';
import type { Clock } from '@exosphere/ports';

/** A log record on a run as a whole. The ledger adds it in the transaction that it tells of: once, and in its place. */
export function runRecord(clock: Clock, run: RunId, told: Pick<LogRecord, 'level' | 'message' | 'fields'>): LogRecord {
  const time = new Date(clock.now()).toISOString();
  return { time, run, step: null, execution: null, attempt: null, ...told };
}

const levels: Readonly<Record<EndedRunStatus, LogLevel>> = { completed: 'info', partial: 'warn', failed: 'error', cancelled: 'warn' };

/** The last record of a round. */
export function endRecord(clock: Clock, run: RunId, end: { readonly status: EndedRunStatus; readonly reason: string | null }): LogRecord {
  const message = end.reason === null ? `the run ended: ${end.status}` : `the run ended: ${end.status}, since ${end.reason}`;
  return runRecord(clock, run, { level: levels[end.status], message, fields: { status: end.status, reason: end.reason } });
}
