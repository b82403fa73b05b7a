import { spendReading, spendWork } from '../frame.ts';
import type { Frame } from '../frame.ts';
import { keysOf, ownValue } from '../object-value.ts';
import { admit, isList, isPrimitive } from '../value.ts';
import type { Value } from '../value.ts';
import { DEEPEST_DATA, tooNested, writeCompactJson } from '../write-json.ts';

/**
 * What two values share exactly when they are the same: of a primitive itself (texts with case, kinds apart), of a list or
 * an object a text of its content, in which the order of keys plays no part.
 */
export function sameness(value: Value, frame: Frame): unknown {
  if (typeof value === 'string') {
    spendReading(frame, value.length);
    return `'${value}`;
  }
  return isPrimitive(value) ? value : writeCompactJson(sorted(value, frame, 0), frame);
}

/** What a value costs to sort and write, next to a visit. */
const WORK = 8;

/** The same content with the keys of every object in order. */
function sorted(value: Value, frame: Frame, depth: number): Value {
  spendWork(frame, WORK);
  if (isPrimitive(value)) return value;
  if (depth > DEEPEST_DATA) throw tooNested();
  if (isList(value)) return value.map((item) => sorted(admit(item), frame, depth + 1));
  const keys = [...keysOf(value)].sort();
  return new Map(keys.map((key) => [key, sorted(ownValue(value, key) ?? null, frame, depth + 1)]));
}
