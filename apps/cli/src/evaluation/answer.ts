import type { Scope, Value } from '@exosphere/expression';
import { compileExpression, compileTemplate, contextNames, evaluate, evaluateTemplate, ExpressionError } from '@exosphere/expression';
import { jsonpath } from '@exosphere/jsonpath';
import type { JsonObject } from '@exosphere/model';

/** What is to be evaluated. */
export interface Question {
  readonly source: string;
  /** `template`: a text with placeholders. */
  readonly form: 'expression' | 'template';
  /** Contexts by name. Those of the language can always be named, and are null where they are not given. */
  readonly contexts: JsonObject;
}

export type Answer = { readonly value: Value } | { readonly error: AnswerError };

/** Why there is no value. `input`: what was asked is no question. */
export interface AnswerError {
  readonly phase: 'lexing' | 'parsing' | 'evaluation' | 'input';
  readonly message: string;
}

const status: NonNullable<Scope['status']> = { success: () => true, failure: () => false, always: () => true, cancelled: () => false };

/** Evaluates an expression or a template. */
export function answerTo({ source, form, contexts }: Question): Answer {
  const options = { contexts: [...new Set([...contextNames, ...Object.keys(contexts)])] };
  const scope: Scope = { contexts, now: new Date().toISOString(), status, functions: { jsonpath } };
  try {
    if (form === 'template') return { value: evaluateTemplate(compileTemplate(source, options), { whole: scope, one: scope }) };
    return { value: evaluate(compileExpression(source, options), scope) };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { error: { phase: error.phase, message: error.message } };
  }
}
