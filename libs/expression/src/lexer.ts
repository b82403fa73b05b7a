import { isBlank, skipBlanks } from './blank.ts';
import { parseNumber } from './number-text.ts';
import type { Punctuation, Token, TokenKind } from './token.ts';
import type { Value } from './value.ts';

/** What stands before a token decides how it reads: `.5` is a number after an operator, `.b` an access after a name. */
export interface LexerContext {
  readonly last: TokenKind | undefined;
  /** Inside an object literal `}` ends a word; elsewhere it is a part of it, as in GitHub. */
  readonly insideBraces: boolean;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const NAME_HERE = /[A-Za-z_][A-Za-z0-9_-]*/y;
const PUNCTUATION: ReadonlySet<string> = new Set<Punctuation>(['(', ')', '[', ']', '{', ',']);
const TWO_UNIT_OPERATORS: ReadonlySet<string> = new Set(['!=', '>=', '<=', '==', '&&', '||']);
const ONE_UNIT_OPERATORS: ReadonlySet<string> = new Set(['!', '>', '<']);
/** Operators that GitHub does not have. They stand between blanks, since GitHub reads them as parts of words and numbers. */
const SPACED_OPERATORS: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '?', '??', ':']);
const KEYWORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', NaN],
  ['Infinity', Infinity],
]);
/** Tokens after which a `.` begins a number. */
const BEFORE_OPERAND: ReadonlySet<TokenKind | undefined> = new Set<TokenKind | undefined>([undefined, ',', '(', '[', 'operator', 'colon']);

/** Reads the token at or after `from`. */
export function readToken(source: string, from: number, context: LexerContext): Token {
  const start = skipBlanks(source, from);
  const unit = source.charAt(start);
  if (unit === '') return make('end', source, start, start);
  if (PUNCTUATION.has(unit)) return make(unit as Punctuation, source, start, start + 1); // checked by the set
  switch (unit) {
    case "'":
      return readString(source, start);
    case '*':
      return readStar(source, start, context);
    case '.':
      return BEFORE_OPERAND.has(context.last) ? readNumber(source, start, context) : make('.', source, start, start + 1);
    case '}':
      return context.insideBraces ? make('}', source, start, start + 1) : readWord(source, start, context);
    case '!':
    case '>':
    case '<':
    case '=':
    case '&':
    case '|':
      return readOperator(source, start, context);
    default:
      return /[0-9+-]/.test(unit) ? readNumber(source, start, context) : readWord(source, start, context);
  }
}

/** Reads a key of an object literal, or the `}` of an empty one. */
export function readKey(source: string, from: number, context: LexerContext): Token {
  const start = skipBlanks(source, from);
  NAME_HERE.lastIndex = start;
  const name = NAME_HERE.exec(source)?.[0];
  if (name !== undefined) return make('key', source, start, start + name.length, name);
  const token = readToken(source, start, context);
  return token.kind === 'literal' && typeof token.value === 'string' ? { ...token, kind: 'key' } : token;
}

/** Reads the colon between a key and its value. */
export function readColon(source: string, from: number, context: LexerContext): Token {
  const start = skipBlanks(source, from);
  return source.charAt(start) === ':' ? make('colon', source, start, start + 1) : readToken(source, start, context);
}

// eslint-disable-next-line @typescript-eslint/max-params -- a token is five things, and is made here alone
function make(kind: TokenKind, source: string, start: number, end: number, value: Value = null): Token {
  return { kind, raw: source.slice(start, end), start, end, value };
}

function readString(source: string, start: number): Token {
  let at = start + 1;
  for (;;) {
    const quote = source.indexOf("'", at);
    if (quote < 0) return make('bad', source, start, source.length);
    if (source.charAt(quote + 1) !== "'") {
      return make('literal', source, start, quote + 1, source.slice(start + 1, quote).replaceAll("''", "'"));
    }
    at = quote + 2;
  }
}

function readStar(source: string, start: number, context: LexerContext): Token {
  const selectsAll = context.last === '.' || context.last === '[';
  const kind = !selectsAll && standsBetweenBlanks(source, start, start + 1) ? 'operator' : 'wildcard';
  return make(kind, source, start, start + 1);
}

function readOperator(source: string, start: number, context: LexerContext): Token {
  if (TWO_UNIT_OPERATORS.has(source.slice(start, start + 2))) return make('operator', source, start, start + 2);
  if (ONE_UNIT_OPERATORS.has(source.charAt(start))) return make('operator', source, start, start + 1);
  return make('bad', source, start, endOfWord(source, start, context));
}

function readNumber(source: string, start: number, context: LexerContext): Token {
  let end = endOfWord(source, start, context);
  while (source.charAt(end) === '.') end = endOfWord(source, end, context);
  const raw = source.slice(start, end);
  if (SPACED_OPERATORS.has(raw) && standsBetweenBlanks(source, start, end)) return make('operator', source, start, end);
  const value = parseNumber(raw);
  return Number.isNaN(value) ? make('bad', source, start, end) : make('literal', source, start, end, value);
}

function readWord(source: string, start: number, context: LexerContext): Token {
  const end = endOfWord(source, start, context);
  const raw = source.slice(start, end);
  if (SPACED_OPERATORS.has(raw) && standsBetweenBlanks(source, start, end)) return make('operator', source, start, end);
  if (!NAME.test(raw)) return make('bad', source, start, end);
  if (context.last === '.') return make('property', source, start, end);
  const keyword = KEYWORDS.get(raw);
  if (keyword !== undefined) return make('literal', source, start, end, keyword);
  const isCall = source.charAt(skipBlanks(source, end)) === '(';
  return make(isCall ? 'function' : 'name', source, start, end);
}

/** The end of the word whose first unit is at `start`. */
function endOfWord(source: string, start: number, context: LexerContext): number {
  let at = start + 1;
  while (at < source.length && !endsWord(source, at, context)) at += 1;
  return at;
}

const BOUNDARIES: ReadonlySet<string> = new Set(['(', ')', '[', ']', ',', '.', '!', '>', '<', '=', '&', '|']);

function endsWord(source: string, at: number, context: LexerContext): boolean {
  const unit = source.charAt(at);
  return BOUNDARIES.has(unit) || (context.insideBraces && unit === '}') || isBlank(source.charCodeAt(at));
}

function standsBetweenBlanks(source: string, start: number, end: number): boolean {
  const blankBefore = start === 0 || isBlank(source.charCodeAt(start - 1));
  return blankBefore && (end === source.length || isBlank(source.charCodeAt(end)));
}
