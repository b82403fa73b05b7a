import { ExosphereError } from '@exosphere/model';
import { DEEPEST } from './bounded-query.ts';

/** Values that are looked through for Maps: a quarter of a second. */
const MOST_VALUES = 3_000_000;

/**
 * The same data without Maps, which the language makes where a plain object would lose the order of its keys. Data that
 * has none is handed back as it is; so is every part without one, so that an object found is still the one put in.
 *
 * @throws ExosphereError 'too-much-work'
 */
export function withoutMaps(value: unknown): unknown {
  return hasMap(value) ? convert(value, 0) : value;
}

/** Without calls of itself: data may be deeper than the stack. */
function hasMap(value: unknown): boolean {
  const waiting = [value];
  for (let seen = 0; waiting.length > 0; seen += 1) {
    if (seen === MOST_VALUES) throw new ExosphereError('too-much-work', `the value has more than ${MOST_VALUES} parts`);
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (next instanceof Map) return true;
    for (const item of Object.values(next)) if (typeof item === 'object' && item !== null) waiting.push(item);
  }
  return false;
}

function convert(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return value; // deeper than a query goes
  return Array.isArray(value) ? convertList(value, depth) : convertObject(value, depth);
}

function convertList(list: readonly unknown[], depth: number): readonly unknown[] {
  const items: unknown[] = [];
  let isSame = true;
  for (const item of list) {
    const converted = convert(item, depth + 1);
    isSame &&= converted === item;
    items.push(converted);
  }
  return isSame ? list : items;
}

function convertObject(object: object, depth: number): object {
  const entries: Iterable<[unknown, unknown]> = object instanceof Map ? object : Object.entries(object);
  const made = {};
  let isSame = !(object instanceof Map);
  for (const [key, item] of entries) {
    const value = convert(item, depth + 1);
    isSame &&= value === item;
    Object.defineProperty(made, String(key), { value, enumerable: true, writable: true, configurable: true });
  }
  return isSame ? object : made;
}
