import type { LogLevel } from './request-log.ts';

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    if (value instanceof Error) return value.stack ?? `${value.name}: ${value.message}`;
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  } catch {
    return '(cannot be shown)'; // a cycle, or a getter that throws: a log record must not fail the work that it tells of
  }
}

function shownAll(values: readonly unknown[]): string {
  return values.map(shown).join(' ');
}

/** The methods of a console whose records become log records. */
export function consoleMethods(
  log: (level: LogLevel, message: string) => void,
  textOf: (values: readonly unknown[]) => string = shownAll,
): Readonly<Record<string, (...values: unknown[]) => void>> {
  const at =
    (level: LogLevel) =>
    (...values: unknown[]): void =>
      log(level, textOf(values));
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
