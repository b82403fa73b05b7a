import { toNumber } from '../convert.ts';
import { finderOf } from '../find-text.ts';
import { madeText, spendList, spendMemory, spendReading } from '../frame.ts';
import type { Frame } from '../frame.ts';
import { textOf } from '../to-text.ts';
import type { ListValue, Value } from '../value.ts';
import { argument, eager } from './function-definition.ts';
import type { FunctionDefinition } from './function-definition.ts';

/** The texts of all arguments, as they would read in a template. */
function texts(args: readonly Value[], frame: Frame): readonly string[] {
  return args.map((arg) => {
    const text = textOf(arg, frame);
    spendReading(frame, text.length);
    return text;
  });
}

function ofOne(compute: (text: string) => string): FunctionDefinition['bind'] {
  return eager((args, frame) => madeText(frame, compute(texts(args, frame)[0] ?? '')));
}

function pieces(text: string, separator: string): readonly string[] {
  if (separator === '') return Array.from(text);
  const find = finderOf(text, separator);
  const found: string[] = [];
  let from = 0;
  for (let at = find(0); at >= 0; at = find(from)) {
    found.push(text.slice(from, at));
    from = at + separator.length;
  }
  found.push(text.slice(from));
  return found;
}

function split(text: string, separator: string, frame: Frame): ListValue {
  const found = pieces(text, separator);
  for (const piece of found) madeText(frame, piece);
  spendList(frame, found.length);
  return found;
}

function replace(args: readonly Value[], frame: Frame): string {
  const [text = '', find = '', by = ''] = texts(args, frame);
  if (find === '') return text;
  const parts = pieces(text, find);
  // counted before it is put together: it may be many times longer than what went in
  const length = text.length + (parts.length - 1) * (by.length - find.length);
  spendMemory(frame, 26 + 2 * length);
  return parts.join(by);
}

/** A place in a text: a whole number between 0 and its end. */
function place(value: Value, end: number): number {
  const number = Math.floor(toNumber(value));
  return number > 0 ? Math.min(number, end) : 0;
}

function substring(args: readonly Value[], frame: Frame): string {
  const text = textOf(argument(args, 0), frame);
  const start = place(argument(args, 1), text.length);
  const end = args.length < 3 ? text.length : start + place(argument(args, 2), text.length - start);
  return madeText(frame, text.slice(start, end));
}

const one = { min: 1, max: 1, type: 'string' } as const;

/** Functions of texts. They take anything, as the text it would be in a template. */
export const textFunctions: readonly FunctionDefinition[] = [
  { ...one, name: 'lower', bind: ofOne((text) => text.toLowerCase()) },
  { ...one, name: 'upper', bind: ofOne((text) => text.toUpperCase()) },
  { ...one, name: 'trim', bind: ofOne((text) => text.trim()) },
  { name: 'replace', min: 3, max: 3, type: 'string', bind: eager(replace) },
  {
    name: 'split',
    min: 2,
    max: 2,
    type: 'array',
    bind: eager((args, frame) => {
      const [text = '', separator = ''] = texts(args, frame);
      return split(text, separator, frame);
    }),
  },
  { name: 'substring', min: 2, max: 3, type: 'string', bind: eager(substring) },
];
