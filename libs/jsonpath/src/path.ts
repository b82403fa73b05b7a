import { ExosphereError } from '@exosphere/model';

/** What one step of a path selects from each value that the steps before it gave. */
export type Segment =
  /** `.*`, `[*]`. */
  | { readonly kind: 'all' }
  /** `..`: the value itself and everything below it. */
  | { readonly kind: 'descend' }
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'slices'; readonly slices: readonly Slice[] };

/** `[start:end:step]`; a place by itself is a slice of one. */
export interface Slice {
  readonly start?: number;
  readonly end?: number;
  readonly step?: number;
}

const MOST_UNITS = 1_000;

interface Reader {
  readonly path: string;
  at: number;
}

/**
 * Reads a path of RFC 9535 without filters. What this does not know never reaches the library, which has been made to run
 * code by paths before; so not its own `^`, `~`, `@string()` and scripts either.
 *
 * @throws ExosphereError 'argument-invalid'
 */
export function parsePath(path: unknown): readonly Segment[] {
  if (typeof path !== 'string') throw invalid(`a path is a text, and this is ${nameOf(path)}`);
  if (path.length > MOST_UNITS) throw invalid(`a path has at most ${MOST_UNITS} characters, and this has ${path.length}`);
  if (!path.startsWith('$')) throw invalid(`a path begins with '$', and this is '${path}'`);
  const reader: Reader = { path, at: 1 };
  const segments: Segment[] = [];
  for (let next = readSegment(reader); next.length > 0; next = readSegment(reader)) segments.push(...next);
  return segments;
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `of the kind ${typeof value}`;
}

function invalid(problem: string): ExosphereError {
  return new ExosphereError('argument-invalid', problem);
}

function unexpected(reader: Reader): ExosphereError {
  const { path, at } = reader;
  const rest = path.slice(at, at + 20);
  if (rest === '') return invalid(`the path '${path}' ends too early`);
  const found = `'${rest.charAt(0)}' at position ${at + 1} of the path '${path}'`;
  if (/^[?(]/.test(rest)) return invalid(`filters and scripts are not allowed: ${found}. Use functions on what the path gives`);
  if (/^[~^@]/.test(rest)) return invalid(`paths are those of RFC 9535, which has no operator ${found}`);
  return invalid(`unexpected ${found}`);
}

function skipBlanks(reader: Reader): void {
  while (/^[ \t\n\r]$/.test(reader.path.charAt(reader.at))) reader.at += 1;
}

function take(reader: Reader, text: string): boolean {
  if (!reader.path.startsWith(text, reader.at)) return false;
  reader.at += text.length;
  return true;
}

function readSegment(reader: Reader): readonly Segment[] {
  const before = reader.at;
  skipBlanks(reader);
  if (reader.at === reader.path.length) {
    if (reader.at > before) throw unexpected({ ...reader, at: before });
    return [];
  }
  if (take(reader, '[')) return [readBracket(reader)];
  if (take(reader, '..')) return [{ kind: 'descend' }, take(reader, '[') ? readBracket(reader) : readDotted(reader)];
  if (take(reader, '.')) return [readDotted(reader)];
  throw unexpected(reader);
}

const NAME_HERE = /[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_\-\u0080-\u{10ffff}]*/uy;

function readDotted(reader: Reader): Segment {
  if (take(reader, '*')) return { kind: 'all' };
  const name = matchHere(reader, NAME_HERE);
  if (name === undefined) throw unexpected(reader);
  return { kind: 'names', names: [name] };
}

function matchHere(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.path)?.[0];
  reader.at += found?.length ?? 0;
  return found;
}

function readBracket(reader: Reader): Segment {
  skipBlanks(reader);
  if (take(reader, '*')) return closed(reader, { kind: 'all' });
  const isName = /^['"]$/.test(reader.path.charAt(reader.at));
  const segment: Segment = isName
    ? { kind: 'names', names: readUnion(reader, readQuoted) }
    : { kind: 'slices', slices: readUnion(reader, readSlice) };
  return closed(reader, segment);
}

function closed(reader: Reader, segment: Segment): Segment {
  skipBlanks(reader);
  if (!take(reader, ']')) throw unexpected(reader);
  return segment;
}

function readUnion<T>(reader: Reader, readOne: (reader: Reader) => T): readonly T[] {
  const members: T[] = [];
  do {
    skipBlanks(reader);
    members.push(readOne(reader));
    skipBlanks(reader);
  } while (take(reader, ','));
  return members;
}

const SINGLE_HERE = /'(?:[^'\\\u0000-\u001f]|\\.)*'/y; // eslint-disable-line no-control-regex -- control characters are escaped
const DOUBLE_HERE = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y; // eslint-disable-line no-control-regex -- control characters are escaped

/** A name in quotes, with the escapes of JSON. */
function readQuoted(reader: Reader): string {
  const start = reader.at;
  const single = matchHere(reader, SINGLE_HERE);
  const quoted = single === undefined ? matchHere(reader, DOUBLE_HERE) : asDouble(single);
  const name = quoted === undefined ? undefined : unquote(quoted);
  if (name === undefined) throw unexpected({ ...reader, at: start });
  return name;
}

/** Both kinds of quotes need an escape inside their own kind alone. */
function asDouble(single: string): string {
  return `"${single.slice(1, -1).replace(/\\'|\\.|"/g, (part) => (part === "\\'" ? "'" : part === '"' ? '\\"' : part === '\\"' ? '\\x' : part))}"`;
}

function unquote(quoted: string): string | undefined {
  try {
    const name: unknown = JSON.parse(quoted);
    return typeof name === 'string' && name.isWellFormed() ? name : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // a bad escape
    throw error;
  }
}

const INTEGER_HERE = /0|-?[1-9][0-9]*/y;

function readInteger(reader: Reader): number | undefined {
  const start = reader.at;
  const written = matchHere(reader, INTEGER_HERE);
  if (written === undefined) return undefined;
  const integer = Number(written);
  if (!Number.isSafeInteger(integer) || /[0-9]/.test(reader.path.charAt(reader.at))) throw unexpected({ ...reader, at: start });
  return integer;
}

function readSlice(reader: Reader): Slice {
  const start = readInteger(reader);
  skipBlanks(reader);
  if (!take(reader, ':')) {
    if (start === undefined) throw unexpected(reader);
    return start === -1 ? { start } : { start, end: start + 1 };
  }
  skipBlanks(reader);
  const end = readInteger(reader);
  skipBlanks(reader);
  const hasStep = take(reader, ':');
  skipBlanks(reader);
  const step = hasStep ? readInteger(reader) : undefined;
  return { ...(start !== undefined && { start }), ...(end !== undefined && { end }), ...(step !== undefined && { step }) };
}
