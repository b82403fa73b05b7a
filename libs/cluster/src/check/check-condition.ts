import type { Condition as CompiledCondition } from '@exosphere/expression';
import { ExpressionError, compileCondition, evaluate, isTruthy } from '@exosphere/expression';
import type { Condition } from '@exosphere/model';
import type { Found } from '../read/shape.ts';
import { checkPlaceholder, reportExpressionError } from './check-template.ts';
import type { Viewer } from './viewer.ts';

/** A condition as the plan keeps it. */
export interface CheckedCondition extends Condition {
  /** It depends on nothing and is false: the step never runs by it. */
  readonly neverTrue: boolean;
}

/** Checks an `if`. Null where it cannot be read, which is reported. */
export function checkCondition(condition: Found<string>, viewer: Viewer): CheckedCondition | null {
  if (condition.node.kind !== 'scalar') return null;
  const target = { node: condition.node, at: condition.at };
  const compiled = compile(condition.value, (error) => reportExpressionError(error, target, viewer));
  if (compiled === null) return null;
  if (compiled.alwaysTrue) {
    const message = "There is text around the placeholder of this 'if', so it is a text, and always true. Put all of it inside of ${{ }}.";
    viewer.file.report.warning('if-always-true', condition, message);
  }
  for (const placeholder of compiled.placeholders) checkPlaceholder(placeholder, target, viewer);
  const calls = compiled.placeholders.flatMap(({ expression }) => expression.statusCalls.map(({ name }) => name.toLowerCase()));
  return {
    source: condition.value,
    callsStatusFunction: compiled.callsStatusFunction,
    survivesCancel: calls.includes('always') || calls.includes('cancelled'),
    neverTrue: isNeverTrue(compiled),
  };
}

function compile(text: string, onError: (error: ExpressionError) => void): CompiledCondition | null {
  try {
    return compileCondition(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    onError(error);
    return null;
  }
}

function isNeverTrue({ alwaysTrue, placeholders }: CompiledCondition): boolean {
  const [only] = placeholders;
  if (alwaysTrue || only === undefined) return false;
  const { references, functions } = only.expression;
  if (references.length > 0 || functions.length > 0) return false;
  return !isTruthy(evaluate(only.expression, { contexts: {} }));
}
