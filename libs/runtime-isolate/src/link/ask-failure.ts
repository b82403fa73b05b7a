import type { AnswerFailure } from './messages.ts';

/** Something that a guest asked for and does not get; becomes an error in the guest. */
export class AskFailure extends RangeError {
  readonly failure: AnswerFailure;

  constructor(failure: AnswerFailure, options?: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }
}

/** Not allowed, and not to be tried again. */
export function refused(message: string, { code }: { readonly code: string } = { code: 'network-refused' }): AskFailure {
  return new AskFailure({ name: 'TypeError', message, code, retryable: false });
}

/** What an ask that threw says to the guest: our own failures as they are, others without what they know of this process. */
export function failureOf(cause: unknown, fallback: { readonly code: string; readonly message: string }): AnswerFailure {
  if (cause instanceof AskFailure) return cause.failure;
  return { name: 'TypeError', message: fallback.message, code: fallback.code, retryable: true };
}
