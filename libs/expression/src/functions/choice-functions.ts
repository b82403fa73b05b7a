import { evaluationError } from '../expression-error.ts';
import type { Frame, Run } from '../frame.ts';
import { MOST_ARGUMENTS } from '../function-signature.ts';
import { sizeOf } from '../object-value.ts';
import { isList, isPrimitive } from '../value.ts';
import type { Value } from '../value.ts';
import type { FunctionDefinition } from './function-definition.ts';

function firstTrueCase(args: readonly Run[], frame: Frame): Value {
  for (let at = 0; at + 1 < args.length; at += 2) {
    const holds = args[at]?.(frame);
    if (typeof holds !== 'boolean') throw evaluationError('case-predicate', 'case predicate must evaluate to a boolean value');
    if (holds) return args[at + 1]?.(frame) ?? null;
  }
  return args.at(-1)?.(frame) ?? null;
}

function isEmpty(value: Value): boolean {
  if (isPrimitive(value)) return value === null || value === '';
  return isList(value) ? value.length === 0 : sizeOf(value) === 0;
}

/** Functions that choose between their arguments, and evaluate no more of them than they need. */
export const choiceFunctions: readonly FunctionDefinition[] = [
  { name: 'case', min: 3, max: MOST_ARGUMENTS, odd: true, type: 'any', bind: (args) => (frame) => firstTrueCase(args, frame) },
  {
    name: 'default',
    min: 2,
    max: 2,
    type: 'any',
    bind: (args) => (frame) => {
      const value = args[0]?.(frame) ?? null;
      return isEmpty(value) ? (args[1]?.(frame) ?? null) : value;
    },
  },
  {
    name: 'coalesce',
    min: 1,
    max: MOST_ARGUMENTS,
    type: 'any',
    bind: (args) => (frame) => {
      for (const arg of args) {
        const value = arg(frame);
        if (value !== null) return value;
      }
      return null;
    },
  },
];
