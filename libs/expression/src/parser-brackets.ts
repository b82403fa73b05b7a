import type { CallNode, Node } from './ast.ts';
import { parseError } from './parse-error.ts';
import { reduceToOpen } from './parser-operators.ts';
import { openOf, pushNode, pushOperand } from './parser-state.ts';
import type { OpenEntry, Operand, ParserState } from './parser-state.ts';
import type { Token, TokenKind } from './token.ts';

const CLOSERS = { group: ')', call: ')', index: ']', list: ']', object: '}' } as const satisfies Record<OpenEntry['kind'], TokenKind>;

/** `,` between the arguments of a call, the items of a list, the entries of an object. */
export function acceptComma(state: ParserState, token: Token): void {
  const open = openOf(state);
  const separates = open?.kind === 'call' || open?.kind === 'list' || open?.kind === 'object';
  if (!separates || reduceToOpen(state)) throw parseError('unexpected-symbol', token, state.source);
  state.expecting = open.kind === 'object' ? 'key' : 'operand';
}

/** `)`, `]` or `}` after an operand, or right after a bracket that may be empty. */
export function acceptClosing(state: ParserState, token: Token): void {
  const open = openOf(state);
  if (!open || CLOSERS[open.kind] !== token.kind || reduceToOpen(state)) throw parseError('unexpected-symbol', token, state.source);
  state.stack.pop();
  const inner = state.operands.splice(open.base);
  if (open.kind === 'object') state.braces -= 1;
  pushClosed(state, { open, inner, end: token.end });
}

interface Closed {
  readonly open: OpenEntry;
  readonly inner: readonly Operand[];
  readonly end: number;
}

function pushClosed(state: ParserState, { open, inner, end }: Closed): void {
  const { start } = open.token;
  const nodes = inner.map((operand) => operand.node);
  const height = inner.reduce((highest, operand) => Math.max(highest, operand.height), 0) + 1;
  const [first] = inner;
  switch (open.kind) {
    case 'group':
      if (first) pushOperand(state, { ...first, start, end, isLiteral: false });
      return;
    case 'index':
      if (first) pushIndex(state, first, end);
      return;
    case 'list':
      return pushNode(state, { kind: 'list', items: nodes, start, end }, height);
    case 'object': {
      const entries = inner.map((operand, at) => ({ key: open.keys[at] ?? '', value: operand.node }));
      return pushNode(state, { kind: 'object', entries, start, end }, height);
    }
    case 'call':
      checkArguments(state, open, nodes);
      return pushNode(state, { kind: 'call', name: open.signature.name, args: nodes, start, end } satisfies CallNode, height);
  }
}

function pushIndex(state: ParserState, index: Operand, end: number): void {
  const target = state.operands.pop();
  if (!target) return;
  const height = Math.max(target.height, index.height) + 1;
  pushNode(state, { kind: 'index', target: target.node, index: index.node, start: target.start, end }, height);
}

function checkArguments(state: ParserState, open: Extract<OpenEntry, { kind: 'call' }>, args: readonly Node[]): void {
  const { min, max, odd, status, name } = open.signature;
  if (args.length < min) throw parseError('too-few-arguments', open.token, state.source);
  if (args.length > max) throw parseError('too-many-arguments', open.token, state.source);
  if (odd && args.length % 2 === 0) throw parseError('even-arguments', open.token, state.source);
  const unnamed = status && args.find((arg) => arg.kind !== 'literal' || typeof arg.value !== 'string');
  if (unnamed) {
    const raw = state.source.slice(unnamed.start, unnamed.end);
    const token: Token = { kind: 'name', raw, start: unnamed.start, end: unnamed.end, value: null };
    throw parseError('step-name-expected', token, state.source, `${name} takes the identifiers of steps as texts: ${name}('step').`);
  }
}
