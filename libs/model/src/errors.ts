/** A failure of the world: what failed, whether trying again can help, and why. */
export class ExosphereError extends Error {
  /** From the list in docs/errors.md. */
  readonly code: string;
  /** True where the same call may succeed later. */
  readonly retryable: boolean;

  constructor(code: string, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ExosphereError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** A fault of ours: something that our own code must make impossible. */
export class InternalError extends ExosphereError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('internal', `${message} (this is a fault of Exosphere, please report it)`, options);
    this.name = 'InternalError';
  }
}

/** Ends a `switch` on `kind`: the compiler proves that no case is missing. */
export function unreachable(value: never): never {
  throw new InternalError(`unexpected case ${JSON.stringify(value)}`);
}
