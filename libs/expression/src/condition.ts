import { skipBlanks, trimBlanks } from './blank.ts';
import { compileTemplate, runPlaceholder } from './compile-template.ts';
import type { CompiledPlaceholder, TemplateScopes } from './compile-template.ts';
import { isTruthy } from './convert.ts';
import { ExpressionError, evaluationError, placedInText } from './expression-error.ts';
import { compileExpression } from './expression.ts';
import type { CompileOptions } from './expression.ts';
import type { Value } from './value.ts';

/** The `if` of a step. */
export interface Condition {
  /** As it was written. */
  readonly text: string;
  /** All expressions in it; a bare text is one of form `whole`. Without `alwaysTrue` there is exactly one. */
  readonly placeholders: readonly CompiledPlaceholder[];
  /** Text stands around a placeholder, so that the whole is a text that is not empty: worth a warning. */
  readonly alwaysTrue: boolean;
  /** Without a call of a status function a condition means `success() && (…)`. */
  readonly callsStatusFunction: boolean;
}

/**
 * Compiles an `if`: a bare text is an expression, a placeholder of either form is its expression, nothing is `success()`.
 *
 * @throws ExpressionError for the first mistake, with its place in the text
 */
export function compileCondition(text: string, options: CompileOptions = {}): Condition {
  const template = compileTemplate(text, options);
  const placeholders = template.kind === 'literal' ? [bare(text, options)] : template.placeholders.map((each) => unquoted(each, options));
  return Object.freeze({
    text,
    placeholders: Object.freeze(placeholders),
    alwaysTrue: template.kind === 'text',
    callsStatusFunction: placeholders.some((placeholder) => placeholder.expression.callsStatusFunction),
  });
}

function bare(text: string, options: CompileOptions): CompiledPlaceholder {
  const source = trimBlanks(text);
  const start = skipBlanks(text, 0);
  try {
    const expression = compileExpression(source === '' ? 'success()' : source, options);
    return Object.freeze({ form: 'whole', source, start, end: start + source.length, sourceStart: start, expression });
  } catch (error) {
    throw error instanceof ExpressionError ? placedInText(error, start) : error;
  }
}

/** GitHub makes `${{ 'false' }}` the text `false` before it reads the condition, which is then false. */
function unquoted(placeholder: CompiledPlaceholder, options: CompileOptions): CompiledPlaceholder {
  const { ast } = placeholder.expression;
  if (ast.kind !== 'literal' || typeof ast.value !== 'string') return placeholder;
  return Object.freeze({ ...placeholder, expression: bare(ast.value, options).expression });
}

export interface ConditionResult {
  readonly holds: boolean;
  /** What the condition itself gave; false where it was not asked because `success()` did not hold. */
  readonly value: Value;
}

/**
 * Evaluates an `if`. The status functions are asked of the scope of the condition's form.
 *
 * @throws ExpressionError of phase 'evaluation'
 */
export function evaluateCondition(condition: Condition, scopes: TemplateScopes): ConditionResult {
  const [placeholder] = condition.placeholders;
  const form = placeholder?.form ?? 'whole';
  if (!condition.callsStatusFunction && !succeeded(scopes[form])) return { holds: false, value: false };
  const value = condition.alwaysTrue || !placeholder ? true : runPlaceholder(placeholder, scopes);
  return { holds: isTruthy(value), value };
}

function succeeded({ status }: TemplateScopes['whole']): boolean {
  if (!status) throw evaluationError('not-available', "An 'if' needs the status functions of its scope");
  return status.success([]);
}
