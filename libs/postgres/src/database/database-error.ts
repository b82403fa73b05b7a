import { ExosphereError, InternalError } from '@exosphere/model';

/** PostgreSQL cannot be reached, or cannot do it now. The same call may succeed later. */
export class DatabaseUnavailableError extends ExosphereError {
  /** What was sent may have been recorded or not: it has to be read again before it is repeated. */
  readonly outcomeUnknown: boolean;

  constructor(message: string, options: { cause: unknown; outcomeUnknown: boolean }) {
    super('database-unavailable', message, { cause: options.cause, retryable: true });
    this.name = 'DatabaseUnavailableError';
    this.outcomeUnknown = options.outcomeUnknown;
  }
}

/** Conditions that pass: of the connection, of resources, of other transactions, of an operator. */
const passing = /^(08|53|57|58)|^(25006|25P03|25P04|40001|40P01|55P03|55006)$/;
/** What tells that the server gave the statement up, so that nothing of it can have been committed. */
const refused = /^(25|40|53|55)|^57014$/;

/** The SQLSTATE of an error of PostgreSQL, or null for one of the connection. */
export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return /^[0-9A-Z]{5}$/.test(error.code) && !/^E[A-Z]{4}$/.test(error.code) ? error.code : null;
}

/** The detail that one of our functions gives with its error: `EXO01` and so on. */
export function errorDetail(error: unknown): string {
  return error instanceof Error && 'detail' in error && typeof error.detail === 'string' ? error.detail : '';
}

/**
 * What a failure of `pg` means for the caller.
 *
 * @param committing the statement that failed would have committed
 */
export function toDatabaseError(error: unknown, committing: boolean): ExosphereError {
  if (error instanceof ExosphereError) return error;
  const state = sqlState(error);
  const text = error instanceof Error ? error.message : String(error);
  if (state === null && !(error instanceof TypeError) && !(error instanceof RangeError)) {
    const message = `PostgreSQL does not answer: ${text || 'the connection was refused'}. See that it runs, and that its address is right.`;
    return new DatabaseUnavailableError(message, { cause: error, outcomeUnknown: committing });
  }
  if (state !== null && passing.test(state)) {
    const message = `PostgreSQL cannot do this now: ${text} (SQLSTATE ${state}).`;
    return new DatabaseUnavailableError(message, { cause: error, outcomeUnknown: committing && !refused.test(state) });
  }
  return new InternalError(`PostgreSQL refused a statement: ${text}${state === null ? '' : ` (SQLSTATE ${state})`}`, { cause: error });
}
