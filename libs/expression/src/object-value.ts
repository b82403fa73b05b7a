import { foldText } from './fold-case.ts';
import { admit, isMap } from './value.ts';
import type { ObjectValue, Value } from './value.ts';

export type Entry = readonly [key: string, value: Value];

const INTEGER_LIKE = /^(?:0|[1-9][0-9]{0,15})$/;

/** Keys that a plain object would reorder (integer-like) or give a meaning of its own (`__proto__`). */
function needsMap(key: string): boolean {
  return key === '__proto__' || INTEGER_LIKE.test(key);
}

/**
 * Makes an object with its keys in the order given. Keys that differ in case only are one key: it keeps its first place
 * and spelling, and the last value wins.
 */
export function objectOf(entries: readonly Entry[]): ObjectValue {
  const places = new Map<string, number>();
  const kept: Entry[] = [];
  let asMap = false;
  for (const entry of entries) {
    const folded = foldText(entry[0]);
    const place = places.get(folded);
    const first = place === undefined ? undefined : kept[place];
    if (place === undefined || first === undefined) {
      places.set(folded, kept.length);
      kept.push(entry);
      asMap ||= needsMap(entry[0]);
    } else {
      kept[place] = [first[0], entry[1]];
    }
  }
  return asMap ? new Map(kept) : plainObjectOf(kept);
}

function plainObjectOf(entries: readonly Entry[]): ObjectValue {
  const made = Object.create(null) as Record<string, Value>; // Object.create is typed any
  for (const [key, value] of entries) made[key] = value;
  return made;
}

export function keysOf(object: ObjectValue): readonly string[] {
  return isMap(object) ? [...object.keys()] : Object.keys(object);
}

export function valuesOf(object: ObjectValue): readonly Value[] {
  return isMap(object) ? [...object.values()] : Object.values(object).map(admit);
}

export function sizeOf(object: ObjectValue): number {
  return isMap(object) ? object.size : Object.keys(object).length;
}

/** The value of an own key in exactly this spelling, undefined where there is none. */
export function ownValue(object: ObjectValue, key: string): Value | undefined {
  if (isMap(object)) return object.get(key);
  return isOwnKey.call(object, key) ? admit(object[key]) : undefined;
}

const isOwnKey = Object.prototype.propertyIsEnumerable;
