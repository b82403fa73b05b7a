/**
 * What an expression computes with. Plain JSON data is a Value as it is: own enumerable keys are read, a prototype never.
 * What the language itself makes keeps its key order in a null-prototype object, or in a Map where JavaScript would reorder
 * or reinterpret a key (integer-like keys, `__proto__`).
 */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value } | ReadonlyMap<string, Value>;

/** Plain JSON data: what a Value becomes when it leaves the language. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type ValueKind = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

export type ListValue = readonly Value[];
export type ObjectValue = { readonly [key: string]: Value } | ReadonlyMap<string, Value>;

export function isList(value: Value): value is ListValue {
  return Array.isArray(value);
}

export function isObject(value: Value): value is ObjectValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isMap(value: ObjectValue): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

export function isPrimitive(value: Value): value is null | boolean | number | string {
  return typeof value !== 'object' || value === null;
}

/** The kind of a value; what JSON does not know counts as null. */
export function kindOf(value: Value): ValueKind {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? 'array' : 'object';
    default:
      return 'null';
  }
}

/** Lets data in: whatever JSON does not know (undefined, a function, a symbol, a bigint) reads as null. */
export function admit(value: unknown): Value {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    case 'object':
      return value as Value; // data is JSON-like by contract, and every read inside it comes through here again
    default:
      return null;
  }
}
