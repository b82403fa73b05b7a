import { evaluationError } from './expression-error.ts';
import type { ExpressionError } from './expression-error.ts';
import { spendList, spendMemory, spendReading, spendWork } from './frame.ts';
import type { Frame } from './frame.ts';
import { objectOf } from './object-value.ts';
import type { Entry } from './object-value.ts';
import type { Value } from './value.ts';
import { DEEPEST_DATA } from './write-json.ts';

interface Reader {
  readonly text: string;
  readonly frame: Frame;
  at: number;
  depth: number;
}

/**
 * Reads strict JSON and keeps the order of its keys, which `JSON.parse` loses for integer-like ones.
 *
 * @throws ExpressionError 'json-invalid'
 */
export function readJson(text: string, frame: Frame): Value {
  spendReading(frame, text.length);
  const reader: Reader = { text, frame, at: 0, depth: 0 };
  const value = readValue(reader);
  skipSpace(reader);
  if (reader.at < text.length) throw problemHere(reader);
  return value;
}

function problemHere(reader: Reader): ExpressionError {
  const unit = reader.text.charAt(reader.at);
  return invalid(unit === '' ? 'the text ends too early' : `unexpected ${JSON.stringify(unit)} at position ${reader.at + 1}`);
}

function invalid(problem: string): ExpressionError {
  return evaluationError('json-invalid', `Error parsing fromJson: ${problem}`);
}

function skipSpace(reader: Reader): void {
  for (;;) {
    const unit = reader.text.charCodeAt(reader.at);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
    reader.at += 1;
  }
}

function readValue(reader: Reader): Value {
  skipSpace(reader);
  spendWork(reader.frame, 1);
  switch (reader.text.charAt(reader.at)) {
    case '{':
      return nested(reader, readObject);
    case '[':
      return nested(reader, readList);
    case '"':
      return readString(reader);
    case 't':
      return readWord(reader, 'true', true);
    case 'f':
      return readWord(reader, 'false', false);
    case 'n':
      return readWord(reader, 'null', null);
    default:
      return readNumber(reader);
  }
}

function nested(reader: Reader, read: (reader: Reader) => Value): Value {
  if (reader.depth === DEEPEST_DATA) throw invalid(`nested deeper than ${DEEPEST_DATA} levels at position ${reader.at + 1}`);
  reader.depth += 1;
  reader.at += 1;
  const value = read(reader);
  reader.depth -= 1;
  return value;
}

function readObject(reader: Reader): Value {
  const entries: Entry[] = [];
  if (!closes(reader, '}')) {
    do {
      skipSpace(reader);
      if (reader.text.charAt(reader.at) !== '"') throw problemHere(reader);
      const key = readString(reader);
      expect(reader, ':');
      entries.push([key, readValue(reader)]);
    } while (continues(reader, '}'));
  }
  spendList(reader.frame, entries.length);
  return objectOf(entries);
}

function readList(reader: Reader): Value {
  const items: Value[] = [];
  if (!closes(reader, ']')) {
    do items.push(readValue(reader));
    while (continues(reader, ']'));
  }
  spendList(reader.frame, items.length);
  return items;
}

function closes(reader: Reader, closing: string): boolean {
  skipSpace(reader);
  if (reader.text.charAt(reader.at) !== closing) return false;
  reader.at += 1;
  return true;
}

function continues(reader: Reader, closing: string): boolean {
  if (closes(reader, closing)) return false;
  expect(reader, ',');
  return true;
}

function expect(reader: Reader, unit: string): void {
  if (!closes(reader, unit)) throw problemHere(reader);
}

function readWord<T extends Value>(reader: Reader, word: string, value: T): T {
  for (const unit of word) {
    if (reader.text.charAt(reader.at) !== unit) throw problemHere(reader);
    reader.at += 1;
  }
  return value;
}

const NUMBER_HERE = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

function readNumber(reader: Reader): number {
  NUMBER_HERE.lastIndex = reader.at;
  const raw = NUMBER_HERE.exec(reader.text)?.[0];
  if (raw === undefined) throw problemHere(reader);
  reader.at += raw.length;
  return Number(raw);
}

function readString(reader: Reader): string {
  const { text } = reader;
  const start = reader.at;
  let hasEscape = false;
  for (reader.at += 1; ; reader.at += 1) {
    const unit = text.charCodeAt(reader.at);
    if (unit === 0x22) break;
    if (unit === 0x5c) {
      hasEscape = true;
      reader.at += 1;
    }
    if (!(text.charCodeAt(reader.at) >= 0x20)) throw problemHere(reader); // a control character, or the end
  }
  reader.at += 1;
  spendMemory(reader.frame, 26 + 2 * (reader.at - start));
  return hasEscape ? unescape(reader, start) : text.slice(start + 1, reader.at - 1);
}

function unescape(reader: Reader, start: number): string {
  try {
    return JSON.parse(reader.text.slice(start, reader.at)) as string; // a quoted text parses to a text
  } catch {
    throw invalid(`a bad escape in the text at position ${start + 1}`);
  }
}
