export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** The log of one request. */
export interface RequestLog {
  write(level: LogLevel, message: unknown, fields?: unknown): void;
  /** Says what was left out, if anything was. */
  close(): void;
}

/** What one request may say. */
export interface LogLimits {
  readonly logRecords: number;
  /** Most characters of messages and fields. */
  readonly logCharacters: number;
}

/** Takes one record; `fields` is the JSON of an object. */
export type OnRecord = (level: LogLevel, message: string, fields: string) => void;

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

/** Hands records on up to the limits, and counts what is beyond them. */
export function createRequestLog(limits: LogLimits, onRecord: OnRecord): RequestLog {
  let records = 0;
  let characters = 0;
  let leftOut = 0;
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
      onRecord(level, text, json);
    },
    close() {
      if (leftOut > 0) {
        const message = `${leftOut} more log records were left out: the limit of one execution is reached.`;
        onRecord('warn', message, `{"left-out":${leftOut}}`);
      }
      leftOut = 0;
    },
  };
}
