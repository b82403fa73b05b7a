import type { FunctionSignature } from '../function-signature.ts';
import type { Frame, Run } from '../frame.ts';
import type { Value } from '../value.ts';

/** A function of the language: what the parser knows of it, and how its call is bound to its compiled arguments. */
export interface FunctionDefinition extends FunctionSignature {
  readonly bind: (args: readonly Run[]) => Run;
}

/** A function that needs all of its arguments. */
export function eager(compute: (args: readonly Value[], frame: Frame) => Value): FunctionDefinition['bind'] {
  return (args) => {
    const [first, second] = args;
    if (first && args.length === 1) return (frame) => compute([first(frame)], frame);
    if (first && second && args.length === 2) return (frame) => compute([first(frame), second(frame)], frame);
    return (frame) =>
      compute(
        args.map((arg) => arg(frame)),
        frame,
      );
  };
}

/** The argument at a place, null where none was given. */
export function argument(args: readonly Value[], at: number): Value {
  return args[at] ?? null;
}
