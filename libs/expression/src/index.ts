export type {
  AllNode,
  BinaryNode,
  BinaryOperator,
  CallNode,
  ChainNode,
  ChainOperator,
  ConditionalNode,
  IndexNode,
  ListNode,
  LiteralNode,
  NameNode,
  Node,
  NotNode,
  ObjectNode,
  PropertyNode,
} from './ast.ts';
export { mapChildren } from './ast.ts';
export type { StatusCall } from './analyze.ts';
export type { Condition, ConditionResult } from './condition.ts';
export { compileCondition, evaluateCondition } from './condition.ts';
export { isTruthy } from './convert.ts';
export type { CompiledPlaceholder, CompiledTemplate, TemplateScopes } from './compile-template.ts';
export { checkTemplate, compileTemplate, evaluateTemplate } from './compile-template.ts';
export type { CompileOptions, Expression } from './expression.ts';
export { compileExpression, contextNames, evaluate } from './expression.ts';
export type { ExpressionErrorCode, ExpressionErrorDetails, ExpressionPhase } from './expression-error.ts';
export { ExpressionError } from './expression-error.ts';
export type { FunctionSignature, ValueType } from './function-signature.ts';
export { functionNames } from './functions/catalog.ts';
export type { Placeholder, PlaceholderForm } from './placeholder-scan.ts';
export type { PathSegment, Reference } from './references.ts';
export type { Scope, StatusFunctions, TextOf } from './scope.ts';
export type { Template } from './template.ts';
export { parseTemplate } from './template.ts';
export { toPlain } from './to-plain.ts';
export { toCompactJson, toText } from './to-text.ts';
export type { Json, ListValue, ObjectValue, Value, ValueKind } from './value.ts';
export { kindOf } from './value.ts';
