/** A problem in a text, with the offset where it begins. */
export interface TextProblem {
  readonly message: string;
  readonly offset: number;
}

/** A value of the shorthand: a word, a list of one kind of value, or named values. */
export type Shorthand =
  | { readonly kind: 'word'; readonly word: string; readonly offset: number }
  | { readonly kind: 'list'; readonly of: Shorthand }
  | { readonly kind: 'object'; readonly fields: readonly ShorthandField[] };

export interface ShorthandField {
  readonly name: string;
  readonly optional: boolean;
  readonly value: Shorthand;
}

/** Thrown inside of this module only; {@link readShorthand} turns it into a problem. */
class Unreadable extends SyntaxError {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const mostDepth = 64;
/** Blanks, a mark, a quoted text, or a word. */
const token = /\s*(?:([{}[\],:?])|"((?:[^"\\]|\\.)*)"|([A-Za-z_$][\w$-]*))/y;

interface Token {
  readonly kind: 'mark' | 'quoted' | 'word' | 'end';
  readonly text: string;
  readonly offset: number;
}

/** Reads JSON-like text with words in place of values, trailing commas and a `?` behind optional names. */
export function readShorthand(text: string): { readonly value: Shorthand } | { readonly problem: TextProblem } {
  try {
    const tokens = tokensOf(text);
    const value = readValue(tokens, 1);
    const rest = tokens.next();
    if (rest.kind !== 'end') throw unexpected(rest, 'the end');
    return { value };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { problem: { message: error.message, offset: error.offset } };
  }
}

interface Tokens {
  next(): Token;
  peek(): Token;
}

function tokensOf(text: string): Tokens {
  let at = 0;
  let ahead: Token | null = null;
  const read = (): Token => {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) return endOrStranger(text, at);
    at = token.lastIndex;
    const offset = at - match[0].trimStart().length;
    const [, mark, quoted, word] = match;
    if (mark !== undefined) return { kind: 'mark', text: mark, offset };
    return quoted === undefined ? { kind: 'word', text: word ?? '', offset } : { kind: 'quoted', text: unquoted(quoted, offset), offset };
  };
  return {
    next: () => {
      const next = ahead ?? read();
      ahead = null;
      return next;
    },
    peek: () => (ahead ??= read()),
  };
}

function endOrStranger(text: string, at: number): Token {
  const offset = at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
  if (offset >= text.length) return { kind: 'end', text: 'the end', offset };
  throw new Unreadable(`Found '${text.charAt(offset)}', expected a name, a type, or one of { } [ ] , : ?`, offset);
}

function unquoted(text: string, offset: number): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new Unreadable(`"${text}" is no text of JSON`, offset);
    throw cause;
  }
}

function unexpected({ text, offset }: Token, expected: string): Unreadable {
  return new Unreadable(`Found ${text === 'the end' ? text : `'${text}'`}, expected ${expected}`, offset);
}

function readValue(tokens: Tokens, depth: number): Shorthand {
  const first = tokens.next();
  if (depth > mostDepth) throw new Unreadable(`More than ${mostDepth} levels of nesting begin here`, first.offset);
  if (first.kind === 'word' || first.kind === 'quoted') return { kind: 'word', word: first.text, offset: first.offset };
  if (isMark(first, '{')) return readFields(tokens, depth);
  if (!isMark(first, '[')) throw unexpected(first, 'a type, { or [');
  const of = readValue(tokens, depth + 1);
  if (isMark(tokens.peek(), ',')) tokens.next();
  const close = tokens.next();
  if (!isMark(close, ']')) throw unexpected(close, ']: a list names the type of its items once');
  return { kind: 'list', of };
}

function readFields(tokens: Tokens, depth: number): Shorthand {
  const fields: ShorthandField[] = [];
  for (;;) {
    const name = tokens.next();
    if (isMark(name, '}')) return { kind: 'object', fields };
    if (name.kind === 'mark' || name.kind === 'end') throw unexpected(name, 'a name or }');
    const optional = isMark(tokens.peek(), '?');
    if (optional) tokens.next();
    const colon = tokens.next();
    if (!isMark(colon, ':')) throw unexpected(colon, `: after the name '${name.text}'`);
    if (fields.some((field) => field.name === name.text)) throw new Unreadable(`The name '${name.text}' is given twice`, name.offset);
    fields.push({ name: name.text, optional, value: readValue(tokens, depth + 1) });
    const after = tokens.next();
    if (isMark(after, '}')) return { kind: 'object', fields };
    if (!isMark(after, ',')) throw unexpected(after, ', or }');
  }
}

function isMark({ kind, text }: Token, mark: string): boolean {
  return kind === 'mark' && text === mark;
}
