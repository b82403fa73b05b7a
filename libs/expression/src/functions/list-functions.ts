import { findValue } from '../access.ts';
import { toComparableText, toNumber } from '../convert.ts';
import { spendList, spendReading, spendWork } from '../frame.ts';
import type { Frame } from '../frame.ts';
import { keysOf, sizeOf, valuesOf } from '../object-value.ts';
import { textOf } from '../to-text.ts';
import { admit, isList, isObject } from '../value.ts';
import type { ListValue, Value } from '../value.ts';
import { argument, eager } from './function-definition.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { asList, itemAt } from './list-argument.ts';
import { orderForSorting } from './sort-order.ts';
import { sameness } from './sameness.ts';

function length(value: Value, frame: Frame): number {
  if (isList(value)) return value.length;
  return isObject(value) ? sizeOf(value) : textOf(value, frame).length;
}

function made(list: ListValue, frame: Frame): ListValue {
  spendList(frame, list.length);
  return list;
}

function keys(value: Value, frame: Frame): ListValue {
  return made(isObject(value) ? keysOf(value) : [], frame);
}

function values(value: Value, frame: Frame): ListValue {
  if (isList(value)) return value;
  return made(isObject(value) ? valuesOf(value) : [], frame);
}

function sort(list: ListValue, key: Value, frame: Frame): ListValue {
  made(list, frame);
  const rounds = Math.ceil(Math.log2(list.length + 1) / 4);
  spendWork(frame, list.length * rounds);
  const name = toComparableText(key);
  const keyOf = (item: Value): Value => {
    if (key === null) return item;
    return isObject(item) ? (findValue(item, name, frame) ?? null) : null;
  };
  const keyed = list.map((item) => ({ item: admit(item), by: keyOf(admit(item)) }));
  for (const { by } of keyed) if (typeof by === 'string') spendReading(frame, by.length * rounds);
  return keyed.sort((left, right) => orderForSorting(left.by, right.by)).map((each) => each.item);
}

function unique(list: ListValue, frame: Frame): ListValue {
  const firsts = new Map<unknown, Value>();
  for (const item of list) {
    spendWork(frame, 1);
    const same = sameness(admit(item), frame);
    if (!firsts.has(same)) firsts.set(same, admit(item));
  }
  return made([...firsts.values()], frame);
}

/** Levels that `flatten` goes down at most: a call per level. */
const DEEPEST_FLATTEN = 1000;

function flatten(list: ListValue, depth: number, frame: Frame): ListValue {
  const flat: Value[] = [];
  const add = (items: ListValue, levels: number): void => {
    for (const item of items) {
      spendWork(frame, 1);
      if (isList(item) && levels >= 1) add(item, levels - 1);
      else flat.push(admit(item));
    }
  };
  add(list, Math.min(depth, DEEPEST_FLATTEN));
  return made(flat, frame);
}

const one = { min: 1, max: 1 } as const;
const oneOrTwo = { min: 1, max: 2 } as const;

export const listFunctions: readonly FunctionDefinition[] = [
  { name: 'first', ...one, type: 'any', bind: eager((args) => itemAt(asList(argument(args, 0)), 0)) },
  { name: 'last', ...one, type: 'any', bind: eager((args) => itemAt(asList(argument(args, 0)), -1)) },
  { name: 'length', ...one, type: 'number', bind: eager((args, frame) => length(argument(args, 0), frame)) },
  { name: 'keys', ...one, type: 'array', bind: eager((args, frame) => keys(argument(args, 0), frame)) },
  { name: 'values', ...one, type: 'array', bind: eager((args, frame) => values(argument(args, 0), frame)) },
  { name: 'sort', ...oneOrTwo, type: 'array', bind: eager((args, frame) => sort(asList(argument(args, 0)), argument(args, 1), frame)) },
  { name: 'unique', ...one, type: 'array', bind: eager((args, frame) => unique(asList(argument(args, 0)), frame)) },
  {
    name: 'flatten',
    ...oneOrTwo,
    type: 'array',
    bind: eager((args, frame) => flatten(asList(argument(args, 0)), args.length > 1 ? toNumber(argument(args, 1)) : 1, frame)),
  },
];
