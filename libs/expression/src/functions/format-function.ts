import { toComparableText } from '../convert.ts';
import { evaluationError } from '../expression-error.ts';
import type { ExpressionError } from '../expression-error.ts';
import { madeText, spendReading, spendWork } from '../frame.ts';
import type { Frame, Run } from '../frame.ts';
import { MOST_ARGUMENTS } from '../function-signature.ts';
import { kindOf } from '../value.ts';
import type { Value } from '../value.ts';
import type { FunctionDefinition } from './function-definition.ts';

type Segment = string | { readonly arg: number; readonly specifier: string };

/** What a format string says, read up to its first mistake; GitHub evaluates arguments only once the whole of it is read. */
function readFormat(format: string, argCount: number): readonly Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  while (at < format.length) {
    const brace = nextBrace(format, at);
    if (brace > at) segments.push(format.slice(at, brace));
    if (brace === format.length) break;
    const unit = format.charAt(brace);
    if (format.charAt(brace + 1) === unit) {
      segments.push(unit);
      at = brace + 2;
      continue;
    }
    const placeholder = readPlaceholder(format, brace);
    if (placeholder.arg >= argCount) throw tooFewArguments(format);
    segments.push(placeholder);
    at = placeholder.end;
  }
  return segments;
}

function nextBrace(format: string, from: number): number {
  for (let at = from; at < format.length; at += 1) {
    const unit = format.charCodeAt(at);
    if (unit === 0x7b || unit === 0x7d) return at;
  }
  return format.length;
}

/** The highest number that a placeholder may bear, a byte as in GitHub. */
const LAST_PLACE = 255;
const PLACE_HERE = /\{([0-9]+)/y;

interface Placeholder {
  readonly arg: number;
  readonly specifier: string;
  readonly end: number;
}

function readPlaceholder(format: string, brace: number): Placeholder {
  PLACE_HERE.lastIndex = brace;
  const match = PLACE_HERE.exec(format);
  const arg = Number(match?.[1] ?? NaN);
  const rest = brace + (match?.[0].length ?? 0);
  const specifier = arg <= LAST_PLACE ? readSpecifier(format, rest) : undefined;
  if (!specifier) throw evaluationError('format-invalid', `The following format string is invalid: ${format}`);
  return { arg, ...specifier };
}

/** `}` or `:…}`, where `}}` inside stands for `}`. */
function readSpecifier(format: string, start: number): Pick<Placeholder, 'specifier' | 'end'> | undefined {
  if (format.charAt(start) === '}') return { specifier: '', end: start + 1 };
  if (format.charAt(start) !== ':') return undefined;
  let at = format.indexOf('}', start);
  while (at >= 0 && format.charAt(at + 1) === '}') at = format.indexOf('}', at + 2);
  return at < 0 ? undefined : { specifier: format.slice(start + 1, at).replaceAll('}}', '}'), end: at + 1 };
}

function tooFewArguments(format: string): ExpressionError {
  const message = `The following format string references more arguments than were supplied: ${format}`;
  return evaluationError('format-arguments', message);
}

/** Evaluates an argument when it is first needed, and once only. */
function lazily(args: readonly Run[], frame: Frame): (at: number) => Value {
  const known: (Value | undefined)[] = [];
  return (at) => {
    const value = known[at];
    return value === undefined ? (known[at] = args[at]?.(frame) ?? null) : value;
  };
}

function fill(segments: readonly Segment[], args: readonly Run[], frame: Frame): string {
  const valueOf = lazily(args, frame);
  let text = '';
  for (const segment of segments) {
    spendWork(frame, 1);
    if (typeof segment === 'string') {
      text += madeText(frame, segment);
      continue;
    }
    const value = valueOf(segment.arg);
    if (segment.specifier !== '') throw badSpecifier(segment.specifier, value);
    text += madeText(frame, toComparableText(value));
  }
  return text;
}

function badSpecifier(specifier: string, value: Value): ExpressionError {
  const kind = kindOf(value);
  const shown = kind.charAt(0).toUpperCase() + kind.slice(1);
  return evaluationError('format-specifiers', `The format specifiers '${specifier}' are not valid for objects of type '${shown}'`);
}

/** Most format strings are written in the expression and never change: what was read of one is kept for the next evaluation. */
const LONGEST_REMEMBERED = 4096;

export const formatFunction: FunctionDefinition = {
  name: 'format',
  min: 1,
  max: MOST_ARGUMENTS,
  type: 'string',
  bind: ([formatRun, ...args]) => {
    let last: { readonly format: string; readonly segments: readonly Segment[] } | undefined;
    return (frame) => {
      const format = toComparableText(formatRun?.(frame) ?? null);
      if (last?.format !== format) {
        spendReading(frame, format.length);
        const segments = readFormat(format, args.length);
        if (format.length > LONGEST_REMEMBERED) return fill(segments, args, frame);
        last = { format, segments };
      }
      return fill(last.segments, args, frame);
    };
  },
};
