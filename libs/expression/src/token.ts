import type { Value } from './value.ts';

export type TokenKind =
  | 'end'
  | 'bad' // malformed: it cannot stand anywhere
  | 'literal'
  | 'name'
  | 'function'
  | 'property'
  | 'wildcard'
  | 'operator'
  | 'key'
  | 'colon'
  | Punctuation;

export type Punctuation = '(' | ')' | '[' | ']' | '{' | '}' | ',' | '.';

export interface Token {
  readonly kind: TokenKind;
  readonly raw: string;
  /** 0-based offsets in the expression. */
  readonly start: number;
  readonly end: number;
  /** Of a literal its value, of a key its text. */
  readonly value: Value;
}
