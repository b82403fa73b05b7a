import type { GuestLimits } from '../link/messages.ts';
import type { ReplyQueue } from './reply-queue.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** The log of one request. */
export interface RequestLog {
  write(level: LogLevel, message: unknown, fields?: unknown): void;
  /** Says what was left out, if anything was. */
  close(): void;
}

const { stringify } = JSON;

/** Fields that are no JSON are shown as far as they can be: a log record must not fail the work that it tells of. */
export function fieldsText(fields: unknown): string {
  if (fields === undefined || fields === null) return '{}';
  try {
    const json: unknown = stringify(fields, (_, value: unknown) =>
      typeof value === 'bigint' || typeof value === 'symbol' ? String(value) : value,
    );
    const text = typeof json === 'string' ? json : 'null';
    return text.startsWith('{') ? text : `{"value":${text}}`;
  } catch {
    return '{"unreadable":true}'; // a cycle, or a getter that throws
  }
}

export function createRequestLog(index: number, limits: GuestLimits, queue: ReplyQueue): RequestLog {
  let records = 0;
  let characters = 0;
  let leftOut = 0;
  const add = (level: LogLevel, message: string, fields: string): void =>
    queue.add(`[${index},"l",${Date.now()},"${level}",${stringify(message)},${fields}]`);
  return {
    write(level, message, fields) {
      const text = typeof message === 'string' ? message : String(message);
      const json = fieldsText(fields);
      const length = text.length + json.length;
      if (records >= limits.logRecords || characters + length > limits.logCharacters) {
        leftOut += 1;
        return;
      }
      records += 1;
      characters += length;
      add(level, text, json);
    },
    close() {
      if (leftOut > 0)
        add('warn', `${leftOut} more log records were left out: the limit of one execution is reached.`, `{"left-out":${leftOut}}`);
      leftOut = 0;
    },
  };
}
