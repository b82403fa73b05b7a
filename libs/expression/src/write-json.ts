import { evaluationError } from './expression-error.ts';
import type { ExpressionError } from './expression-error.ts';
import { spendMemory, spendWork } from './frame.ts';
import type { Frame } from './frame.ts';
import { formatNumber } from './number-text.ts';
import { keysOf, ownValue } from './object-value.ts';
import { admit, isList, isPrimitive } from './value.ts';
import type { ListValue, ObjectValue, Value } from './value.ts';

/** Data nested deeper than this is refused: JSON that people write does not come near, and cyclic data would not end. */
export const DEEPEST_DATA = 1000;

interface JsonStyle {
  readonly number: (value: number) => string;
  readonly string: (value: string) => string;
  /** What stands before an item and before the closing bracket. */
  readonly lineBreak: (depth: number) => string;
  readonly colon: string;
}

const COMPACT: JsonStyle = { number: JSON.stringify, string: JSON.stringify, lineBreak: () => '', colon: ':' };

const BEYOND_JSON = /[\u0085\u2028\u2029]/g;
const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** GitHub's `toJSON`: two blanks a level, numbers with 15 digits, NaN and Infinity as they are. */
const GITHUB: JsonStyle = {
  number: formatNumber,
  string: (value) => JSON.stringify(value).replace(BEYOND_JSON, escapeUnit),
  lineBreak: (depth) => `\n${'  '.repeat(depth)}`,
  colon: ': ',
};

/** JSON in one line. Numbers keep every digit; NaN and Infinity, which JSON does not have, are null. */
export function writeCompactJson(value: Value, frame: Frame): string {
  return write(value, { style: COMPACT, frame, depth: 0 });
}

export function writeGithubJson(value: Value, frame: Frame): string {
  return write(value, { style: GITHUB, frame, depth: 0 });
}

interface Place {
  readonly style: JsonStyle;
  readonly frame: Frame;
  readonly depth: number;
}

function write(value: Value, place: Place): string {
  const { style, depth } = place;
  if (depth > DEEPEST_DATA) throw tooNested();
  if (typeof value === 'string') return made(style.string(value), place);
  if (typeof value === 'number') return made(style.number(value), place);
  if (isPrimitive(value)) return made(String(value), place);
  const inside: Place = { ...place, depth: depth + 1 };
  const [opening, content, closing] = isList(value) ? ['[', writeItems(value, inside), ']'] : ['{', writeEntries(value, inside), '}'];
  return opening + content + made(content === '' ? closing : style.lineBreak(depth) + closing, place);
}

function writeItems(list: ListValue, inside: Place): string {
  const between = inside.style.lineBreak(inside.depth);
  let text = '';
  for (const item of list) text += made(text === '' ? between : `,${between}`, inside) + write(admit(item), inside);
  return text;
}

function writeEntries(object: ObjectValue, inside: Place): string {
  const { style, depth } = inside;
  const between = style.lineBreak(depth);
  let text = '';
  for (const key of keysOf(object)) {
    const head = (text === '' ? between : `,${between}`) + style.string(key) + style.colon;
    text += made(head, inside) + write(ownValue(object, key) ?? null, inside);
  }
  return text;
}

function made(text: string, { frame }: Place): string {
  spendMemory(frame, 2 * text.length);
  spendWork(frame, 1);
  return text;
}

export function tooNested(): ExpressionError {
  const message = `The value is nested deeper than ${DEEPEST_DATA} levels, or contains itself`;
  return evaluationError('too-nested', message);
}
