import { ExpressionError, evaluationError } from '../expression-error.ts';
import { madeText, spendList } from '../frame.ts';
import type { Frame } from '../frame.ts';
import type { FunctionSignature } from '../function-signature.ts';
import { admit, isList } from '../value.ts';
import type { Value } from '../value.ts';
import { eager } from './function-definition.ts';
import type { FunctionDefinition } from './function-definition.ts';

/** A function that is known by its name when an expression is compiled, and handed in when it is evaluated. */
export function handedIn(signature: FunctionSignature): FunctionDefinition {
  return { ...signature, bind: eager((args, frame) => call(signature.name, args, frame)) };
}

function call(name: string, args: readonly Value[], frame: Frame): Value {
  const { functions } = frame.scope;
  const implementation = functions && Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!implementation) throw evaluationError('not-available', `${name}() is not available here`);
  return counted(admit(attempt(name, () => implementation(args))), frame);
}

function attempt(name: string, run: () => Value): Value {
  try {
    return run();
  } catch (error) {
    if (error instanceof ExpressionError) throw error;
    throw evaluationError('function-failed', `${name}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

/** What a handed-in function gives is counted by its outermost level: what is inside is mostly read, not made. */
function counted(value: Value, frame: Frame): Value {
  if (typeof value === 'string') return madeText(frame, value);
  if (isList(value)) spendList(frame, value.length);
  return value;
}

export const jsonpathFunction = handedIn({ name: 'jsonpath', min: 2, max: 2, type: 'any' });
