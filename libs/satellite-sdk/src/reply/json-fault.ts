/*
 * What stands in an output but is no JSON. `JSON.stringify` drops it silently (symbols, functions), turns it into something else
 * (NaN, Map, Promise) or throws without saying where (bigint, cycles); an author is told instead.
 */

const deepest = 500;
const plain = new Set<unknown>([Object.prototype, Array.prototype, null]);
const noJson: readonly (readonly [string, abstract new (...args: never) => object])[] = [
  ['a Promise (await it)', Promise],
  ['a Map', Map],
  ['a Set', Set],
  ['a WeakMap', WeakMap],
  ['a WeakSet', WeakSet],
  ['bytes (write a file)', ArrayBuffer],
  ['a RegExp', RegExp],
  ['an Error', Error],
];

function nameOfObject(value: object): string | null {
  if (ArrayBuffer.isView(value)) return 'bytes (write a file)';
  return noJson.find(([, type]) => value instanceof type)?.[0] ?? null;
}

function hasToJson(value: object): boolean {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

/** A sentence that names the place, or null where the value is JSON. Properties that are undefined are left out, as always. */
export function jsonFault(value: unknown, at = '', depth = 0): string | null {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return null;
    case 'number':
      return Number.isFinite(value) ? null : `${value} at ${at === '' ? '/' : at} is no JSON`;
    case 'bigint':
    case 'symbol':
    case 'function':
      return `a ${typeof value} at ${at === '' ? '/' : at} is no JSON`;
    case 'object':
      return value === null ? null : objectFault(value, at, depth);
  }
}

function objectFault(value: object, at: string, depth: number): string | null {
  if (depth > deepest) return `the object refers to itself, or is nested deeper than ${deepest} levels`;
  if (Array.isArray(value)) return listFault(value, at, depth);
  if (!plain.has(Object.getPrototypeOf(value))) {
    if (hasToJson(value)) return null;
    const name = nameOfObject(value);
    if (name !== null) return `${name} at ${at === '' ? '/' : at} is no JSON`;
  }
  for (const key of Object.keys(value)) {
    const fault = jsonFault((value as Record<string, unknown>)[key], `${at}/${key}`, depth + 1); // its own key
    if (fault !== null) return fault;
  }
  return null;
}

function listFault(list: readonly unknown[], at: string, depth: number): string | null {
  for (let index = 0; index < list.length; index += 1) {
    const entry = list[index];
    const fault = entry === undefined ? `undefined at ${at}/${index} is no JSON` : jsonFault(entry, `${at}/${index}`, depth + 1);
    if (fault !== null) return fault;
  }
  return null;
}
