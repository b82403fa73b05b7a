import { toComparableText, toNumber } from './convert.ts';
import { equalIgnoringCase, foldText } from './fold-case.ts';
import { spendList, spendWork } from './frame.ts';
import type { Frame } from './frame.ts';
import { keysOf, ownValue, valuesOf } from './object-value.ts';
import { admit, isList, isPrimitive } from './value.ts';
import type { ListValue, ObjectValue, Value } from './value.ts';

const LAST_INDEX = 2 ** 31 - 1;
const MANY_KEYS = 24;

/** `target.name`, where the name is known to be no number. Never fails: what is not there reads as null. */
export function getProperty(target: Value, name: string, frame: Frame): Value {
  if (isPrimitive(target)) return null;
  if (isList(target)) return isFiltered(target, frame) ? pluck(target, name, frame) : null;
  return findValue(target, name, frame) ?? null;
}

/** `target[index]`. */
export function getIndex(target: Value, index: Value, frame: Frame): Value {
  if (isPrimitive(target)) return null;
  if (!isList(target)) return getByKey(target, index, frame) ?? null;
  return isFiltered(target, frame) ? pluck(target, index, frame) : (getByPlace(target, index) ?? null);
}

/** `target.*`. */
export function getAll(target: Value, frame: Frame): ListValue {
  if (isPrimitive(target)) return filtered([], frame);
  if (isList(target) && isFiltered(target, frame)) return filtered(target.flatMap(contents), frame);
  return filtered(contents(target), frame);
}

function contents(value: Value): ListValue {
  if (isPrimitive(value)) return [];
  return isList(value) ? value.map(admit) : valuesOf(value);
}

/** Maps an access over a filtered list. Items that do not have it drop out. */
function pluck(list: ListValue, index: Value, frame: Frame): ListValue {
  const hits: Value[] = [];
  for (const item of list) {
    if (isPrimitive(item)) continue;
    const hit = isList(item) ? getByPlace(item, index) : getByKey(item, index, frame);
    if (hit !== undefined) hits.push(hit);
  }
  return filtered(hits, frame);
}

function filtered(list: ListValue, frame: Frame): ListValue {
  spendList(frame, list.length);
  frame.filtered ??= new WeakSet();
  frame.filtered.add(list);
  return list;
}

function isFiltered(list: ListValue, frame: Frame): boolean {
  return frame.filtered?.has(list) ?? false;
}

function getByPlace(list: ListValue, index: Value): Value | undefined {
  const place = toNumber(index);
  if (!(place >= 0 && place <= LAST_INDEX && place < list.length)) return undefined;
  return admit(list[Math.floor(place)]);
}

function getByKey(object: ObjectValue, index: Value, frame: Frame): Value | undefined {
  return isPrimitive(index) ? findValue(object, toComparableText(index), frame) : undefined;
}

/** The value of a key: in exactly this spelling, or else the last one that differs in case only. */
export function findValue(object: ObjectValue, key: string, frame: Frame): Value | undefined {
  const exact = ownValue(object, key);
  if (exact !== undefined) return exact;
  const spelling = findSpelling(object, key, frame);
  return spelling === undefined ? undefined : ownValue(object, spelling);
}

function findSpelling(object: ObjectValue, key: string, frame: Frame): string | undefined {
  const known = frame.foldedKeys?.get(object);
  if (known) return known.get(foldText(key));
  const keys = keysOf(object);
  spendWork(frame, keys.length);
  if (keys.length > MANY_KEYS) return rememberFolded(object, keys, frame).get(foldText(key));
  return keys.findLast((each) => each.length === key.length && equalIgnoringCase(each, key));
}

function rememberFolded(object: ObjectValue, keys: readonly string[], frame: Frame): ReadonlyMap<string, string> {
  const folded = new Map(keys.map((key) => [foldText(key), key]));
  frame.foldedKeys ??= new WeakMap();
  frame.foldedKeys.set(object, folded);
  return folded;
}
