import type { Json, JsonObject } from '@exosphere/satellite';

/** A log record as the platform hands it to a sink. */
export interface LogRecord {
  readonly time: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly run?: string;
  readonly step?: string | null;
  readonly execution?: string | null;
  readonly attempt?: number | null;
  readonly fields?: JsonObject;
}

/** One log of New Relic's Log API. */
export interface NewRelicLog {
  readonly timestamp: number;
  readonly message: string;
  readonly attributes: Readonly<Record<string, Json>>;
}

const order = ['debug', 'info', 'warn', 'error'] as const;
/** New Relic cuts values off here; what it would cut we mark. */
const longestValue = 4094;

/** Whether a record is of the level, or above. */
export function isAtLeast(record: LogRecord, least: LogRecord['level']): boolean {
  return order.indexOf(record.level) >= order.indexOf(least);
}

/** Fields become attributes `fields.…`, what is nested in them their JSON. Unknown levels and times do not occur: the schema names them. */
export function newRelicLog(record: LogRecord): NewRelicLog {
  const { time, level, message, run, step, execution, attempt, fields = {} } = record;
  const own = { level, run, step, execution, attempt };
  const attributes: Record<string, Json> = {};
  for (const [name, value] of Object.entries(own)) if (value !== undefined && value !== null) attributes[name] = value;
  for (const [name, value] of Object.entries(fields)) if (value !== null) attributes[`fields.${name}`] = attributeOf(value);
  return { timestamp: Date.parse(time), message, attributes };
}

function attributeOf(value: Json): Json {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text;
}
