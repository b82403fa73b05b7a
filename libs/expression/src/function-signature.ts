import type { ValueKind } from './value.ts';

/** What is known of a result before it is computed. */
export type ValueType = ValueKind | 'any';

/** What the parser must know of a function. */
export interface FunctionSignature {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** The kind of the result where it is always the same, else `any`. */
  readonly type: ValueType;
  /** `case` takes pairs and a default. */
  readonly odd?: true;
  /** `success`, `failure`, `always` and `cancelled`: their arguments are names of steps, written as texts. */
  readonly status?: true;
  /** Known, but not to be had here: why. */
  readonly refused?: string;
}

/** GitHub's most arguments of one call. */
export const MOST_ARGUMENTS = 255;
