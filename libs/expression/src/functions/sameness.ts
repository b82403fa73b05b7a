import { spendReading } from '../frame.ts';
import type { Frame } from '../frame.ts';
import { keysOf, ownValue } from '../object-value.ts';
import { admit, isList, isPrimitive } from '../value.ts';
import type { Value } from '../value.ts';
import { writeCompactJson } from '../write-json.ts';

/**
 * What two values share exactly when they are the same: of a primitive itself (texts with case, kinds apart), of a list or
 * an object a text of its content, in which the order of keys plays no part.
 */
export function sameness(value: Value, frame: Frame): unknown {
  if (typeof value === 'string') {
    spendReading(frame, value.length);
    return `'${value}`;
  }
  return isPrimitive(value) ? value : writeCompactJson(sorted(value, 0), frame);
}

const DEEPEST_SORTED = 1000;

function sorted(value: Value, depth: number): Value {
  if (isPrimitive(value) || depth === DEEPEST_SORTED) return value;
  if (isList(value)) return value.map((item) => sorted(admit(item), depth + 1));
  const keys = [...keysOf(value)].sort();
  return new Map(keys.map((key) => [key, sorted(ownValue(value, key) ?? null, depth + 1)]));
}
