import { GuestDomException } from './dom-exception.ts';

type Seen = Map<object, unknown>;

function refuse(value: unknown): never {
  throw new GuestDomException(`A ${typeof value} cannot be cloned.`, 'DataCloneError');
}

function copyOf(value: object, seen: Seen): object {
  if (value instanceof Date) return new Date(value);
  if (value instanceof RegExp) return new RegExp(value.source, value.flags);
  if (value instanceof ArrayBuffer) return value.slice(0);
  if (ArrayBuffer.isView(value)) return copyOfView(value);
  if (value instanceof Map) return copyOfMap(value, seen);
  if (value instanceof Set) return copyOfSet(value, seen);
  if (value instanceof Error) return copyOfError(value);
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) return refuse(value);
  return Array.isArray(value) ? new Array<unknown>(value.length) : {};
}

function copyOfView(view: ArrayBufferView): object {
  const type = view.constructor as new (buffer: ArrayBuffer) => object; // every view is made of a buffer
  return new type(new Uint8Array(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)).buffer);
}

function copyOfError(error: Error): Error {
  const copy = new Error(error.message); // eslint-disable-line no-restricted-syntax -- a clone of the author's own error
  copy.name = error.name;
  return copy;
}

function copyOfMap(source: ReadonlyMap<unknown, unknown>, seen: Seen): Map<unknown, unknown> {
  const target = new Map<unknown, unknown>();
  seen.set(source, target);
  for (const [key, entry] of source) target.set(cloned(key, seen), cloned(entry, seen));
  return target;
}

function copyOfSet(source: ReadonlySet<unknown>, seen: Seen): Set<unknown> {
  const target = new Set<unknown>();
  seen.set(source, target);
  for (const entry of source) target.add(cloned(entry, seen));
  return target;
}

function cloned(value: unknown, seen: Seen): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return refuse(value);
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  const copy = copyOf(value, seen);
  seen.set(value, copy);
  const type = Object.prototype.toString.call(copy);
  if (type === '[object Object]' || type === '[object Array]') {
    for (const [key, entry] of Object.entries(value)) {
      Object.defineProperty(copy, key, { value: cloned(entry, seen), writable: true, enumerable: true, configurable: true });
    }
  }
  return copy;
}

/** A deep copy. Functions, symbols and promises are refused, classes become plain objects, as the standard has it. */
export function structuredClone(value: unknown): unknown {
  return cloned(value, new Map());
}
