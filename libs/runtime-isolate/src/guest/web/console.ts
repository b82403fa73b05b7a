import type { LogLevel } from '../request-log.ts';

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    if (value instanceof Error) return value.stack ?? `${value.name}: ${value.message}`;
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  } catch {
    return '(cannot be shown)'; // a cycle, or a getter that throws: a log record must not fail the work that it tells of
  }
}

/** A console whose records become log records. */
export function guestConsole(log: (level: LogLevel, message: string) => void): Readonly<Record<string, (...values: unknown[]) => void>> {
  const at =
    (level: LogLevel) =>
    (...values: unknown[]): void =>
      log(level, values.map(shown).join(' '));
  const info = at('info');
  return {
    debug: at('debug'),
    trace: at('debug'),
    log: info,
    info,
    dir: info,
    warn: at('warn'),
    error: at('error'),
    assert: (condition, ...values) => {
      if (condition !== true) at('error')('Assertion failed:', ...values);
    },
  };
}
