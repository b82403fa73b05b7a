import { toComparableText } from '../convert.ts';
import { evaluationError } from '../expression-error.ts';
import { madeText, spendMemory, spendReading } from '../frame.ts';
import type { Frame } from '../frame.ts';
import { textOf } from '../to-text.ts';
import { isPrimitive } from '../value.ts';
import type { Value } from '../value.ts';
import { writeCompactJson } from '../write-json.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { argument, eager } from './function-definition.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { sha256 } from './sha256.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

function bytesOf(text: string, frame: Frame): Uint8Array {
  spendReading(frame, text.length * 8);
  spendMemory(frame, 3 * text.length);
  return encodeUtf8(text);
}

function hash(args: readonly Value[], frame: Frame): string {
  const algorithm = args.length < 2 ? 'sha256' : toComparableText(argument(args, 1));
  if (algorithm.toLowerCase() !== 'sha256') {
    throw evaluationError('argument-invalid', `hash() knows 'sha256' alone, and was given '${algorithm}'`);
  }
  const value = argument(args, 0);
  const text = isPrimitive(value) ? toComparableText(value) : writeCompactJson(value, frame);
  return madeText(frame, sha256(bytesOf(text, frame)));
}

function unbase64(value: Value, frame: Frame): string {
  const encoded = textOf(value, frame);
  spendReading(frame, encoded.length * 8);
  spendMemory(frame, 2 * encoded.length);
  const bytes = decodeBase64(encoded);
  const text = bytes && decodeUtf8(bytes);
  if (text === undefined) throw evaluationError('argument-invalid', 'unbase64() was given a text that is no base64 of UTF-8');
  return madeText(frame, text);
}

function urlencode(value: Value, frame: Frame): string {
  const text = textOf(value, frame);
  spendReading(frame, text.length * 8);
  return madeText(frame, encodeURIComponent(text.toWellFormed()));
}

/** Functions that write a text another way. */
export const encodingFunctions: readonly FunctionDefinition[] = [
  { name: 'hash', min: 1, max: 2, type: 'string', bind: eager(hash) },
  {
    name: 'base64',
    min: 1,
    max: 1,
    type: 'string',
    bind: eager((args, frame) => {
      const bytes = bytesOf(textOf(argument(args, 0), frame), frame);
      spendMemory(frame, 26 + Math.ceil((bytes.length * 8) / 3)); // counted before it is written
      return encodeBase64(bytes);
    }),
  },
  { name: 'unbase64', min: 1, max: 1, type: 'string', bind: eager((args, frame) => unbase64(argument(args, 0), frame)) },
  { name: 'urlencode', min: 1, max: 1, type: 'string', bind: eager((args, frame) => urlencode(argument(args, 0), frame)) },
];
