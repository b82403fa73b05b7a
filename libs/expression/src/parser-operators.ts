import type { BinaryOperator, ChainOperator, Node } from './ast.ts';
import { parseError } from './parse-error.ts';
import { isOpen, pushNode, pushOperand } from './parser-state.ts';
import type { Operand, OperatorEntry, ParserState, QuestionEntry } from './parser-state.ts';
import type { Token } from './token.ts';

/** Loosest first. `? :` binds looser than all of these, `!` tighter. */
const PRECEDENCE: ReadonlyMap<string, number> = new Map<BinaryOperator | ChainOperator, number>([
  ['??', 2],
  ['||', 3],
  ['&&', 4],
  ['==', 5],
  ['!=', 5],
  ['<', 6],
  ['<=', 6],
  ['>', 6],
  ['>=', 6],
  ['+', 7],
  ['-', 7],
  ['*', 8],
  ['/', 8],
  ['%', 8],
]);
const CHOICE = 1;
const NOT = 9;

export function acceptBinary(state: ParserState, token: Token): void {
  const precedence = PRECEDENCE.get(token.raw);
  if (precedence === undefined) throw parseError('unexpected-symbol', token, state.source);
  reduceFrom(state, precedence);
  const operator = token.raw as BinaryOperator | ChainOperator; // the keys of PRECEDENCE are these
  state.stack.push({ kind: 'binary', operator, precedence });
  state.expecting = 'operand';
}

/** `test ?`: what stands before it, back to the last bracket or choice, is the test. */
export function acceptQuestion(state: ParserState): void {
  reduceFrom(state, CHOICE + 1);
  state.stack.push({ kind: 'question' });
  state.expecting = 'operand';
}

/** `: otherwise`. */
export function acceptColon(state: ParserState, token: Token): void {
  if (!reduceToOpen(state)) throw parseError('unexpected-symbol', token, state.source);
  state.stack.pop();
  state.stack.push({ kind: 'choice' });
  state.expecting = 'operand';
}

/** Reduces everything back to the innermost open bracket, or to a `?` that still waits for its `:`, which is then the answer. */
export function reduceToOpen(state: ParserState): QuestionEntry | undefined {
  reduceFrom(state, CHOICE);
  const top = state.stack.at(-1);
  return top?.kind === 'question' ? top : undefined;
}

function reduceFrom(state: ParserState, precedence: number): void {
  for (;;) {
    const top = state.stack.at(-1);
    if (!top || isOpen(top) || top.kind === 'question' || precedenceOf(top) < precedence) return;
    state.stack.pop();
    reduce(state, top);
  }
}

function precedenceOf(entry: OperatorEntry): number {
  switch (entry.kind) {
    case 'not':
      return NOT;
    case 'choice':
      return CHOICE;
    case 'binary':
      return entry.precedence;
  }
}

function reduce(state: ParserState, entry: OperatorEntry): void {
  switch (entry.kind) {
    case 'not': {
      const [operand] = take(state, 1);
      if (operand) pushNode(state, { kind: 'not', operand: operand.node, start: entry.start, end: operand.end }, operand.height + 1);
      return;
    }
    case 'binary': {
      const [left, right] = take(state, 2);
      if (left && right) reduceBinary(state, entry.operator, left, right);
      return;
    }
    case 'choice': {
      const [test, then, otherwise] = take(state, 3);
      if (!test || !then || !otherwise) return;
      const height = Math.max(test.height, then.height, otherwise.height) + 1;
      const nodes = { test: test.node, then: then.node, otherwise: otherwise.node };
      pushNode(state, { kind: 'conditional', ...nodes, start: test.start, end: otherwise.end }, height);
    }
  }
}

function take(state: ParserState, count: number): Operand[] {
  return state.operands.splice(state.operands.length - count);
}

function reduceBinary(state: ParserState, operator: BinaryOperator | ChainOperator, left: Operand, right: Operand): void {
  const place = { start: left.start, end: right.end };
  if (operator !== '&&' && operator !== '||' && operator !== '??') {
    const height = Math.max(left.height, right.height) + 1;
    return pushNode(state, { kind: 'binary', operator, left: left.node, right: right.node, ...place }, height);
  }
  const [before, after] = [linksOf(left, operator), linksOf(right, operator)];
  const links = joined(before.links, after.links);
  const height = Math.max(before.height, after.height) + 1;
  pushOperand(state, { node: { kind: 'chain', operator, operands: links, ...place }, ...place, height, links });
}

/** Adds the shorter list to the longer one. */
function joined(before: Node[], after: Node[]): Node[] {
  if (before.length < after.length) {
    after.unshift(...before);
    return after;
  }
  before.push(...after);
  return before;
}

/** The operands that an operand of a chain adds to it: those of a chain of the same operator, or else itself. */
function linksOf({ node, height, links }: Operand, operator: ChainOperator): { links: Node[]; height: number } {
  return links && node.kind === 'chain' && node.operator === operator ? { links, height: height - 1 } : { links: [node], height };
}
