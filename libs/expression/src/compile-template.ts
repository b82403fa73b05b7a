import { compileExpression, runExpression } from './expression.ts';
import type { CompileOptions, Expression } from './expression.ts';
import { ExpressionError, placedInText } from './expression-error.ts';
import { madeText, newFrame } from './frame.ts';
import type { Frame } from './frame.ts';
import type { Placeholder } from './placeholder-scan.ts';
import type { Scope } from './scope.ts';
import { parseTemplate } from './template.ts';
import type { Template } from './template.ts';
import { textOf } from './to-text.ts';
import type { Value } from './value.ts';

export interface CompiledPlaceholder extends Placeholder {
  readonly expression: Expression;
}

/** A string scalar with its expressions compiled; `placeholders` lists them in the order of the text. */
export type CompiledTemplate = Template<CompiledPlaceholder> & { readonly placeholders: readonly CompiledPlaceholder[] };

/** What the two kinds of placeholder are evaluated against. */
export interface TemplateScopes {
  readonly whole: Scope;
  readonly one: Scope;
}

/**
 * Compiles a string scalar with its placeholders.
 *
 * @example compileTemplate('Report of ${{ cluster.title }}: $${{ satellites.read.output.name }}')
 * @throws ExpressionError for the first mistake; its `textOffset` is the place in the text
 */
export function compileTemplate(text: string, options: CompileOptions = {}): CompiledTemplate {
  const { template, errors } = checkTemplate(text, options);
  const [first] = errors;
  if (first) throw first;
  return template;
}

/** Compiles a string scalar and collects the mistakes of all its placeholders; what is wrong is left out of the template. */
export function checkTemplate(
  text: string,
  options: CompileOptions = {},
): { template: CompiledTemplate; errors: readonly ExpressionError[] } {
  const errors: ExpressionError[] = [];
  const template = collecting(errors, () => parseTemplate(text)) ?? { kind: 'literal', text };
  const compile = (placeholder: Placeholder): CompiledPlaceholder | undefined =>
    collecting(errors, () => compilePlaceholder(placeholder, options));
  return { template: compileParts(template, compile), errors };
}

function collecting<T>(errors: ExpressionError[], attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    errors.push(error);
    return undefined;
  }
}

function compilePlaceholder(placeholder: Placeholder, options: CompileOptions): CompiledPlaceholder {
  try {
    return Object.freeze({ ...placeholder, expression: compileExpression(placeholder.source, options) });
  } catch (error) {
    throw error instanceof ExpressionError ? placedInText(error, placeholder.sourceStart) : error;
  }
}

function compileParts(template: Template, compile: (placeholder: Placeholder) => CompiledPlaceholder | undefined): CompiledTemplate {
  if (template.kind === 'literal') return Object.freeze({ ...template, placeholders: Object.freeze([]) });
  if (template.kind === 'single') {
    const placeholder = compile(template.placeholder);
    if (!placeholder) return Object.freeze({ kind: 'literal', text: '', placeholders: Object.freeze([]) });
    return Object.freeze({ kind: 'single', placeholder, placeholders: Object.freeze([placeholder]) });
  }
  const compiled = template.parts.map((part) => (typeof part === 'string' ? part : compile(part)));
  const parts = compiled.filter((part) => part !== undefined);
  const placeholders = parts.filter((part) => typeof part !== 'string');
  return Object.freeze({ kind: 'text', parts: Object.freeze(parts), placeholders: Object.freeze(placeholders) });
}

/**
 * Evaluates a template. One placeholder alone keeps its value's type; with text around it the result is a text. What is
 * put in is never looked at again. All placeholders of a template share one limit of memory.
 *
 * @throws ExpressionError of phase 'evaluation', with the place in the text
 */
export function evaluateTemplate(template: CompiledTemplate, scopes: TemplateScopes): Value {
  if (template.kind === 'literal') return template.text;
  const frame = newFrame(scopes.whole, '');
  if (template.kind === 'single') return fill(template.placeholder, scopes, frame);
  let text = '';
  for (const part of template.parts) {
    if (typeof part === 'string') {
      text += madeText(frame, part);
      continue;
    }
    text += textIn(part, scopes, frame);
  }
  return text;
}

/** Evaluates one placeholder by itself. */
export function runPlaceholder(placeholder: CompiledPlaceholder, scopes: TemplateScopes): Value {
  return fill(placeholder, scopes, newFrame(scopes[placeholder.form], ''));
}

function fill(placeholder: CompiledPlaceholder, scopes: TemplateScopes, frame: Frame): Value {
  frame.scope = scopes[placeholder.form];
  try {
    return runExpression(placeholder.expression, frame);
  } catch (error) {
    throw error instanceof ExpressionError ? placedInText(error, placeholder.sourceStart) : error;
  }
}

function textIn(placeholder: CompiledPlaceholder, scopes: TemplateScopes, frame: Frame): string {
  const value = fill(placeholder, scopes, frame);
  if (typeof value === 'string') return madeText(frame, value);
  try {
    return textOf(value, frame);
  } catch (error) {
    throw error instanceof ExpressionError ? placedInText(error, placeholder.sourceStart) : error;
  }
}
