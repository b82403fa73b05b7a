import type { LogRecord } from '@exosphere/model';
import type { Step } from '@exosphere/run-machine';
import { executionName, stepAt } from '@exosphere/run-machine';
import type { Desk } from './desk.ts';
import type { Item } from './item.ts';
import type { RunInfo } from './run-info.ts';
import type { ShardPlace } from './shard-place.ts';

type Place = Pick<ShardPlace, 'run' | 'desk'>;

/** A log record of the engine itself, on one execution. */
export function engineRecord(place: Place, item: Item, told: Pick<LogRecord, 'level' | 'message' | 'fields'>): LogRecord {
  return logRecord(place, item, { time: new Date(place.desk.clock.now()).toISOString(), ...told });
}

/** A log record of one execution. */
export function logRecord(place: Place, item: Item, record: Pick<LogRecord, 'time' | 'level' | 'message' | 'fields'>): LogRecord {
  const step = stepAt(place.run.graph, item.step);
  const named = { step, path: item.path, origin: item.origin, keyRound: item.keyRound };
  return {
    time: record.time,
    level: record.level,
    run: place.run.row.id,
    step: step.plan.identifier,
    execution: executionName(place.run.graph, named, place.run.row.items),
    attempt: item.startedAt === null ? item.attempts : item.attempts + (item.attempts === item.spent ? 1 : 0),
    message: record.message,
    fields: record.fields,
  };
}

/** A log record of the engine on a step as a whole. */
export function stepRecord(
  place: { readonly run: Pick<RunInfo, 'row'>; readonly desk: Pick<Desk, 'clock'> },
  step: Step,
  told: Pick<LogRecord, 'level' | 'message' | 'fields'>,
): LogRecord {
  const time = new Date(place.desk.clock.now()).toISOString();
  return { time, run: place.run.row.id, step: step.plan.identifier, execution: null, attempt: null, ...told };
}

/** What is said of an attempt that failed and is made again. */
export function nextAttempt(attempts: number, message: string, delayMs: number): string {
  return `attempt ${String(attempts)} failed: ${message}; the next is in ${String(delayMs)} ms`;
}
