import { evaluationError } from './expression-error.ts';
import type { ExpressionError } from './expression-error.ts';
import { isMap, isPrimitive, isList } from './value.ts';
import type { Json, ObjectValue, Value } from './value.ts';
import { tooNested, DEEPEST_DATA } from './write-json.ts';
import { keysOf, ownValue } from './object-value.ts';

/**
 * Plain JSON data with the same content. Data that is plain already is handed back as it is, not copied. A key
 * `__proto__` becomes an own property. NaN and Infinity are refused, since JSON has nothing for them.
 *
 * @throws ExpressionError 'not-json', 'too-nested'
 */
export function toPlain(value: Value): Json {
  return plain(value, { done: new Map(), depth: 0 });
}

interface Walk {
  readonly done: Map<object, Json>;
  readonly depth: number;
}

function plain(value: Value, walk: Walk): Json {
  if (typeof value === 'number' && !Number.isFinite(value)) throw notJson(value);
  if (isPrimitive(value)) return asJson(value);
  const known = walk.done.get(value);
  if (known !== undefined) return known;
  if (walk.depth >= DEEPEST_DATA) throw tooNested();
  const inside: Walk = { done: walk.done, depth: walk.depth + 1 };
  const result = isList(value) ? plainList(value, inside) : plainObject(value, inside);
  walk.done.set(value, result);
  return result;
}

/** What JSON does not know (undefined, functions, symbols, bigints) reads as null everywhere in the language. */
function asJson(value: null | boolean | number | string): null | boolean | number | string {
  return typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string' ? value : null;
}

function plainList(list: readonly Value[], inside: Walk): Json {
  const items: Json[] = [];
  let same = true;
  for (const item of list) {
    const made = plain(item, inside);
    same &&= made === item;
    items.push(made);
  }
  return same ? (list as Json) : items; // every item was found to be JSON
}

function plainObject(object: ObjectValue, inside: Walk): Json {
  const made: Record<string, Json> = {};
  let same = hasPlainPrototype(object);
  for (const key of keysOf(object)) {
    const value = ownValue(object, key) ?? null;
    const item = plain(value, inside);
    same &&= !isMap(object) && item === object[key];
    if (key === '__proto__') Object.defineProperty(made, key, { value: item, enumerable: true, writable: true, configurable: true });
    else made[key] = item;
  }
  return same ? (object as Json) : made; // every entry was found to be JSON
}

/** True for the Object.prototype of any realm; a Map, a Date or an object of a class is not plain. */
function hasPlainPrototype(object: ObjectValue): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return typeof prototype === 'object' && prototype !== null && Object.getPrototypeOf(prototype) === null;
}

function notJson(value: number): ExpressionError {
  return evaluationError('not-json', `The value is ${value}, which JSON cannot hold: give a number, or its text by format('{0}', …)`);
}
