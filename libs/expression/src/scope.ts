import type { Value } from './value.ts';

/** Answers the status functions of an `if`. `steps` are the identifiers given: `success('a')`; none means all that is needed. */
export interface StatusFunctions {
  success(steps: readonly string[]): boolean;
  failure(steps: readonly string[]): boolean;
  always(): boolean;
  cancelled(): boolean;
}

/** The text that an object reads as, told by its identity: a manifest's text field, an error's message, a trigger's time. */
export type TextOf = (value: object) => string | undefined;

/** What an expression is evaluated against. */
export interface Scope {
  /** By the names that the contexts were declared with. A context that is missing reads as null. */
  readonly contexts: Readonly<Record<string, Value>>;
  /** What `now()` gives: the time the execution was made, ISO 8601. */
  readonly now?: string | undefined;
  readonly status?: StatusFunctions | undefined;
  /** Functions handed in, by their declared names. */
  readonly functions?: Readonly<Record<string, (args: readonly Value[]) => Value>> | undefined;
  readonly text?: TextOf | undefined;
}
