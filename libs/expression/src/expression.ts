import { callsIn, statusCallOf, typeOf } from './analyze.ts';
import type { StatusCall } from './analyze.ts';
import type { Node } from './ast.ts';
import { compileNode } from './compile-node.ts';
import { newFrame } from './frame.ts';
import type { Frame, Run } from './frame.ts';
import type { FunctionSignature, ValueType } from './function-signature.ts';
import { catalogWith } from './functions/catalog.ts';
import type { FunctionCatalog } from './functions/catalog.ts';
import { parse } from './parser.ts';
import { referencesIn } from './references.ts';
import type { Reference } from './references.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

/** The contexts of the language. */
export const contextNames = ['satellites', 'secrets', 'vars', 'inputs', 'cluster', 'trigger', 'item', 'execution', 'failure'] as const;

export interface CompileOptions {
  /** The contexts that may be named; all of the language's where not given. */
  readonly contexts?: readonly string[] | undefined;
  /** Functions beyond the language's, whose implementations the scope hands in. */
  readonly functions?: readonly FunctionSignature[] | undefined;
  /** Replaces nodes before evaluation, for accesses with a meaning of their own. What is known of the expression is told of its own tree. */
  readonly rewrite?: ((node: Node) => Node) | undefined;
}

/** An expression that is ready to be evaluated any number of times, with what is known of it without any data. */
export interface Expression {
  readonly source: string;
  readonly ast: Node;
  /** Every use of a context, in the order of the text. */
  readonly references: readonly Reference[];
  /** The functions called, each once, spelled as they are documented. */
  readonly functions: readonly string[];
  readonly statusCalls: readonly StatusCall[];
  readonly callsStatusFunction: boolean;
  /** The kind of the result where it is the same in every evaluation. */
  readonly type: ValueType;
}

const RUN = Symbol('run');

interface RunnableExpression extends Expression {
  readonly [RUN]: Run;
}

/**
 * Compiles an expression: what stands between `${{` and `}}`.
 *
 * @example compileExpression("inputs.size > 10 && contains(item.name, '.pdf')")
 * @throws ExpressionError of phase 'lexing' or 'parsing', for the first mistake from the left
 */
export function compileExpression(source: string, options: CompileOptions = {}): Expression {
  const catalog = catalogWith(options.functions ?? []);
  const ast = parse(source, { contexts: namesByLowerCase(options.contexts ?? contextNames), functions: catalog });
  return describe(source, ast, catalog, options.rewrite?.(ast) ?? ast);
}

function namesByLowerCase(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name.toLowerCase(), name]));
}

function describe(source: string, ast: Node, catalog: FunctionCatalog, evaluated: Node): Expression {
  const calls = callsIn(ast);
  const statusCalls = calls.filter((call) => catalog.get(call.name.toLowerCase())?.status).map(statusCallOf);
  const expression: RunnableExpression = {
    source,
    ast,
    references: referencesIn(ast),
    functions: Object.freeze([...new Set(calls.map((call) => call.name))]),
    statusCalls: Object.freeze(statusCalls),
    callsStatusFunction: statusCalls.length > 0,
    type: typeOf(ast, catalog),
    [RUN]: compileNode(evaluated, catalog),
  };
  // Not enumerable: an expression is data to whoever prints, compares or copies it
  Object.defineProperty(expression, RUN, { enumerable: false });
  return Object.freeze(expression);
}

/**
 * Evaluates an expression. The same expression and scope give the same value.
 *
 * @throws ExpressionError of phase 'evaluation'
 */
export function evaluate(expression: Expression, scope: Scope): Value {
  return runExpression(expression, newFrame(scope, expression.source));
}

export function runExpression(expression: Expression, frame: Frame): Value {
  frame.source = expression.source;
  return (expression as RunnableExpression)[RUN](frame); // compileExpression alone makes expressions
}
