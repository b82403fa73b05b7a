import { ExosphereError } from '@exosphere/model';

/** What can keep the embedded database from working. Each one is a line in docs/errors.md. */
export type EmbeddedDatabaseCode =
  | 'embedded-unsupported-platform'
  | 'embedded-no-account'
  | 'embedded-folder-unusable'
  | 'embedded-disk-full'
  | 'embedded-out-of-memory'
  | 'embedded-port-taken'
  | 'embedded-wrong-version'
  | 'embedded-damaged'
  | 'embedded-in-use-elsewhere'
  | 'embedded-busy'
  | 'embedded-not-answering'
  | 'embedded-start-failed';

export interface EmbeddedFailure {
  readonly code: EmbeddedDatabaseCode;
  /** What was found: one sentence without its full stop. */
  readonly found: string;
  /** What to do: one or two sentences. */
  readonly advice: string;
  readonly retryable?: boolean;
  /** The last lines that the server, or the program that failed, wrote. */
  readonly log?: string;
  readonly cause?: unknown;
}

/** The embedded database cannot be had. The message says what was found and what to do, and ends with the tail of the server's log. */
export class EmbeddedDatabaseError extends ExosphereError {
  declare readonly code: EmbeddedDatabaseCode;
  readonly advice: string;
  readonly log: string;

  constructor(failure: EmbeddedFailure) {
    const log = failure.log?.trim() ?? '';
    super(failure.code, `${failure.found}. ${failure.advice}${log === '' ? '' : `\n${indent(log)}`}`, {
      cause: failure.cause,
      retryable: failure.retryable ?? false,
    });
    this.name = 'EmbeddedDatabaseError';
    this.advice = failure.advice;
    this.log = log;
  }
}

/** What a user can always do instead. */
export const useOwnDatabase = 'Or set DATABASE_URL to a PostgreSQL 15 or newer of your own.';

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  | ');
}
