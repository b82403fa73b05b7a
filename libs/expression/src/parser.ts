import { childrenOf } from './ast.ts';
import type { Node } from './ast.ts';
import type { FunctionSignature } from './function-signature.ts';
import { readColon, readKey, readToken } from './lexer.ts';
import type { LexerContext } from './lexer.ts';
import { DEEPEST, MOST_UNITS, parseError, tooDeep, tooLong } from './parse-error.ts';
import { acceptClosing, acceptComma } from './parser-brackets.ts';
import { acceptBinary, acceptColon, acceptQuestion, reduceToOpen } from './parser-operators.ts';
import { openOf, pushNode, pushOperand } from './parser-state.ts';
import type { KnownNames, ParserState } from './parser-state.ts';
import type { Token } from './token.ts';

/**
 * Parses by operator stack and not by recursion, so that no input can exhaust the call stack: parentheses may nest up to
 * the length limit, only the height of the tree is bounded. The first wrong token from the left is the one reported.
 *
 * @throws ExpressionError of phase 'lexing' or 'parsing'
 */
export function parse(source: string, names: KnownNames): Node {
  if (source.length > MOST_UNITS) throw tooLong();
  const state: ParserState = { source, names, operands: [], stack: [], braces: 0, expecting: 'operand', last: undefined };
  for (;;) {
    const token = readNext(state);
    if (token.kind === 'end') return finish(state);
    accept(state, token);
    state.last = token;
  }
}

function readNext(state: ParserState): Token {
  const from = state.last?.end ?? 0;
  const context: LexerContext = { last: state.last?.kind, insideBraces: state.braces > 0 };
  if (state.expecting === 'key') return readKey(state.source, from, context);
  if (state.expecting === 'colon') return readColon(state.source, from, context);
  return readToken(state.source, from, context);
}

function accept(state: ParserState, token: Token): void {
  switch (state.expecting) {
    case 'operand':
      return acceptOperand(state, token);
    case 'operator':
      return acceptOperator(state, token);
    case 'member':
      return acceptMember(state, token);
    case 'key':
      return acceptKey(state, token);
    case 'call-opening':
      return proceed(state, token, '(');
    case 'all-closing':
      proceed(state, token, ']');
      return addAll(state, token.end);
    case 'colon':
      return proceed(state, token, 'colon');
  }
}

function proceed(state: ParserState, token: Token, expected: Token['kind']): void {
  if (token.kind !== expected) throw unexpected(state, token);
  state.expecting = 'operand';
}

function acceptOperand(state: ParserState, token: Token): void {
  const { start, end } = token;
  switch (token.kind) {
    case 'literal':
      return pushOperand(state, { node: { kind: 'literal', value: token.value, start, end }, start, end, height: 1, isLiteral: true });
    case 'name':
      return pushNode(state, { kind: 'name', name: knownContext(state, token), start, end }, 1);
    case 'function':
      state.stack.push({ kind: 'call', token, signature: knownFunction(state, token), base: state.operands.length });
      state.expecting = 'call-opening';
      return;
    case '(':
      return open(state, token, 'group');
    case '[':
      return open(state, token, 'list');
    case '{':
      state.stack.push({ kind: 'object', token, base: state.operands.length, keys: [] });
      state.braces += 1;
      state.expecting = 'key';
      return;
    case 'wildcard':
      return acceptStarIndex(state, token);
    case 'operator':
      if (token.raw !== '!') throw unexpected(state, token);
      state.stack.push({ kind: 'not', start });
      return;
    default:
      return acceptEmptyClosing(state, token);
  }
}

function open(state: ParserState, token: Token, kind: 'group' | 'index' | 'list'): void {
  state.stack.push({ kind, token, base: state.operands.length });
  state.expecting = 'operand';
}

/** `x[*]`. */
function acceptStarIndex(state: ParserState, token: Token): void {
  const top = state.stack.at(-1);
  if (top?.kind !== 'index' || top.token !== state.last) throw unexpected(state, token);
  state.stack.pop();
  state.expecting = 'all-closing';
}

/** `f()` and `[]`: where an operand is expected, a bracket can close only what was opened right before it. */
function acceptEmptyClosing(state: ParserState, token: Token): void {
  const top = state.stack.at(-1);
  const isEmpty = (top?.kind === 'call' && state.last?.kind === '(') || (top?.kind === 'list' && top.token === state.last);
  if (!isEmpty) throw unexpected(state, token);
  acceptClosing(state, token);
}

function acceptOperator(state: ParserState, token: Token): void {
  switch (token.kind) {
    case 'operator':
      if (token.raw === '?') return acceptQuestion(state);
      return token.raw === ':' ? acceptColon(state, token) : acceptBinary(state, token);
    case '.':
    case '[':
      if (state.operands.at(-1)?.isLiteral !== false) throw unexpected(state, token);
      if (token.kind === '[') return open(state, token, 'index');
      state.expecting = 'member';
      return;
    case ',':
      return acceptComma(state, token);
    case ')':
    case ']':
    case '}':
      return acceptClosing(state, token);
    default:
      throw unexpected(state, token);
  }
}

function acceptMember(state: ParserState, token: Token): void {
  if (token.kind === 'wildcard') return addAll(state, token.end);
  const target = state.operands.at(-1);
  if (token.kind !== 'property' || !target) throw unexpected(state, token);
  state.operands.pop();
  const node: Node = { kind: 'property', target: target.node, name: token.raw, start: target.start, end: token.end };
  pushNode(state, node, target.height + 1);
}

function addAll(state: ParserState, end: number): void {
  const target = state.operands.pop();
  if (target) pushNode(state, { kind: 'all', target: target.node, start: target.start, end }, target.height + 1);
}

function acceptKey(state: ParserState, token: Token): void {
  const top = state.stack.at(-1);
  if (top?.kind !== 'object') throw unexpected(state, token);
  if (token.kind === 'key' && typeof token.value === 'string') {
    top.keys.push(token.value);
    state.expecting = 'colon';
  } else if (token.kind === '}' && top.token === state.last) {
    acceptClosing(state, token);
  } else {
    throw unexpected(state, token);
  }
}

function knownContext(state: ParserState, token: Token): string {
  const name = state.names.contexts.get(token.raw.toLowerCase());
  if (name === undefined) throw parseError('unknown-name', token, state.source);
  return name;
}

function knownFunction(state: ParserState, token: Token): FunctionSignature {
  const signature = state.names.functions.get(token.raw.toLowerCase());
  if (!signature) throw parseError('unknown-function', token, state.source);
  if (signature.refused !== undefined) throw parseError('refused-function', token, state.source, signature.refused);
  return signature;
}

function unexpected(state: ParserState, token: Token): Error {
  return parseError('unexpected-symbol', token, state.source);
}

function finish(state: ParserState): Node {
  const { last } = state;
  if (!last) return frozen({ kind: 'literal', value: null, start: 0, end: 0 });
  const isUnfinished = state.expecting !== 'operator' || openOf(state) !== undefined || reduceToOpen(state) !== undefined;
  const [result] = state.operands;
  if (isUnfinished || !result) throw parseError('unexpected-end', last, state.source);
  if (result.height > DEEPEST) throw tooDeep();
  return frozen(result.node);
}

/** Recursion is safe here: the height has been checked. */
function frozen(node: Node): Node {
  for (const child of childrenOf(node)) frozen(child);
  if (node.kind === 'chain') Object.freeze(node.operands);
  if (node.kind === 'call') Object.freeze(node.args);
  if (node.kind === 'list') Object.freeze(node.items);
  if (node.kind === 'object') Object.freeze(node.entries).forEach((entry) => Object.freeze(entry));
  return Object.freeze(node);
}
