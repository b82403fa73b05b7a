export type ExpressionPhase = 'lexing' | 'parsing' | 'evaluation';

export type ExpressionErrorCode =
  // of the text of an expression
  | 'unexpected-symbol'
  | 'unexpected-end'
  | 'unknown-name'
  | 'unknown-function'
  | 'refused-function'
  | 'too-few-arguments'
  | 'too-many-arguments'
  | 'even-arguments'
  | 'step-name-expected'
  | 'too-deep'
  | 'too-long'
  // of a template around it
  | 'not-closed'
  | 'empty-placeholder'
  // of an evaluation
  | 'format-invalid'
  | 'format-arguments'
  | 'format-specifiers'
  | 'case-predicate'
  | 'json-invalid'
  | 'argument-invalid'
  | 'not-available'
  | 'function-failed'
  | 'not-json'
  | 'too-nested'
  | 'too-much-memory'
  | 'too-much-work';

export interface ExpressionErrorDetails {
  readonly phase: ExpressionPhase;
  readonly code: ExpressionErrorCode;
  readonly message: string;
  /** The raw token that the error is about. */
  readonly token?: string | undefined;
  /** 0-based offset of that token in the expression. */
  readonly offset?: number | undefined;
  /** 0-based offset of that token in the template around the expression. */
  readonly textOffset?: number | undefined;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** A mistake in an expression or template, or a failure of its evaluation. Trying again gives the same error. */
export class ExpressionError extends Error {
  readonly phase: ExpressionPhase;
  readonly code: ExpressionErrorCode;
  readonly retryable = false;
  /** The raw token that the error is about; for an unknown name or function, that name. */
  readonly token: string | undefined;
  /** 0-based offset of the token in the expression. */
  readonly offset: number | undefined;
  /** 1-based position of the token in the expression, as in the message. */
  readonly position: number | undefined;
  /** 0-based offset of the token in the template, where the expression stands in one. */
  readonly textOffset: number | undefined;
  /** What to do about it, where that is known. */
  readonly hint: string | undefined;

  constructor(details: ExpressionErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ExpressionError';
    this.phase = details.phase;
    this.code = details.code;
    this.token = details.token;
    this.offset = details.offset;
    this.position = details.offset === undefined ? undefined : details.offset + 1;
    this.textOffset = details.textOffset;
    this.hint = details.hint;
  }

  /** The name that nobody knows, of an `unknown-name` or `unknown-function`. */
  get found(): string | undefined {
    return this.code === 'unknown-name' || this.code === 'unknown-function' || this.code === 'refused-function' ? this.token : undefined;
  }
}

/** The same error, placed in the template in whose text the expression begins at `start`. */
export function placedInText(error: ExpressionError, start: number): ExpressionError {
  const { phase, code, message, token, offset, hint, cause } = error;
  return new ExpressionError({ phase, code, message, token, offset, textOffset: start + (offset ?? 0), hint, cause });
}

/** A failure of an evaluation. The call that it happened in adds its place. */
export function evaluationError(code: ExpressionErrorCode, message: string, cause?: unknown): ExpressionError {
  return new ExpressionError({ phase: 'evaluation', code, message, cause });
}
