import { toComparableText } from './convert.ts';
import { newFrame, spendMemory } from './frame.ts';
import type { Frame } from './frame.ts';
import type { TextOf } from './scope.ts';
import { isList, isPrimitive } from './value.ts';
import type { ListValue, Value } from './value.ts';
import { writeCompactJson } from './write-json.ts';

/**
 * The text that a value reads as inside a text: texts as they are, numbers and booleans as GitHub prints them, null as
 * nothing, an object as its declared text or else compact JSON, a list of objects that all have one as these texts
 * joined by a blank line.
 *
 * @throws ExpressionError where the value is too large, or nested too deeply
 */
export function toText(value: Value, text?: TextOf): string {
  return textOf(value, newFrame({ contexts: {}, text }, ''));
}

/** JSON in one line with the keys in their order, also of what only a Map can order. */
export function toCompactJson(value: Value): string {
  return writeCompactJson(value, newFrame({ contexts: {} }, ''));
}

export function textOf(value: Value, frame: Frame): string {
  if (isPrimitive(value)) return toComparableText(value);
  const declared = declaredText(value, frame);
  if (declared === undefined) return writeCompactJson(value, frame);
  spendMemory(frame, 2 * declared.length);
  return declared;
}

function declaredText(value: Exclude<Value, null | boolean | number | string>, frame: Frame): string | undefined {
  const { text } = frame.scope;
  if (!text) return undefined;
  return isList(value) ? joinedTexts(value, text) : text(value);
}

function joinedTexts(list: ListValue, text: TextOf): string | undefined {
  const texts: string[] = [];
  for (const item of list) {
    const own = isPrimitive(item) || isList(item) ? undefined : text(item);
    if (own === undefined) return undefined;
    texts.push(own);
  }
  return texts.length === 0 ? undefined : texts.join('\n\n');
}
