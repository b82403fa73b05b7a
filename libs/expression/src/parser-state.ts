import type { BinaryOperator, ChainOperator, Node } from './ast.ts';
import type { FunctionSignature } from './function-signature.ts';
import type { Token } from './token.ts';

/** The names that an expression may use, by their lower-case form. */
export interface KnownNames {
  readonly contexts: ReadonlyMap<string, string>;
  readonly functions: ReadonlyMap<string, FunctionSignature>;
}

/** A finished part of the tree. `start` and `end` include parentheses around it. */
export interface Operand {
  readonly node: Node;
  readonly start: number;
  readonly end: number;
  /** Levels of the tree from here down; a literal or a name is 1. */
  readonly height: number;
  /** A literal as it stands: nothing can be accessed on it. */
  readonly isLiteral: boolean;
  /** Of a chain its operands, to which more are added as they come: copying them for each would take quadratic time. */
  readonly links?: Node[];
}

interface Opened {
  readonly token: Token;
  /** How many operands there were before it. */
  readonly base: number;
}

export type OpenEntry =
  | ({ readonly kind: 'group' | 'index' | 'list' } & Opened)
  | ({ readonly kind: 'object'; readonly keys: string[] } & Opened)
  | ({ readonly kind: 'call'; readonly signature: FunctionSignature } & Opened);

export type OperatorEntry =
  | { readonly kind: 'not'; readonly start: number }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator | ChainOperator; readonly precedence: number }
  | { readonly kind: 'choice' };

/** A `?` that still waits for its `:`. */
export interface QuestionEntry {
  readonly kind: 'question';
}

export type StackEntry = OpenEntry | OperatorEntry | QuestionEntry;

export type Expectation = 'operand' | 'operator' | 'member' | 'call-opening' | 'all-closing' | 'key' | 'colon';

/** The parser's working memory; it lives for one parse. */
export interface ParserState {
  readonly source: string;
  readonly names: KnownNames;
  readonly operands: Operand[];
  readonly stack: StackEntry[];
  braces: number;
  expecting: Expectation;
  last: Token | undefined;
}

export function isOpen(entry: StackEntry): entry is OpenEntry {
  return 'base' in entry;
}

/** The innermost bracket that is still open. */
export function openOf(state: ParserState): OpenEntry | undefined {
  return state.stack.findLast(isOpen);
}

export function pushOperand(state: ParserState, operand: Omit<Operand, 'isLiteral'> & { isLiteral?: boolean }): void {
  state.operands.push({ isLiteral: false, ...operand });
  state.expecting = 'operator';
}

export function pushNode(state: ParserState, node: Node, height: number): void {
  pushOperand(state, { node, start: node.start, end: node.end, height });
}
