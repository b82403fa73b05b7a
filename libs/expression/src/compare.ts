import { toNumber } from './convert.ts';
import { compareIgnoringCase, equalIgnoringCase } from './fold-case.ts';
import { kindOf } from './value.ts';
import type { Value, ValueKind } from './value.ts';

/** `==`: where the kinds differ, texts, booleans and nulls become numbers; lists and objects are equal to themselves alone. */
export function looseEqual(left: Value, right: Value): boolean {
  if (typeof left === 'string' && typeof right === 'string') return equalIgnoringCase(left, right);
  if (left === null && right === null) return true;
  if (typeof left === 'boolean' && typeof right === 'boolean') return left === right;
  const leftKind = kindOf(left);
  const rightKind = kindOf(right);
  if (isCompound(leftKind) || isCompound(rightKind)) return left === right;
  return toNumber(left) === toNumber(right);
}

function isCompound(kind: ValueKind): boolean {
  return kind === 'array' || kind === 'object';
}

/** Negative where left comes first, positive where right does, 0 where equal, NaN where the two have no order. */
export function order(left: Value, right: Value): number {
  if (typeof left === 'string' && typeof right === 'string') return compareIgnoringCase(left, right);
  if (left === null && right === null) return NaN;
  const difference = toNumber(left) - toNumber(right);
  // Infinity - Infinity is NaN, though the two are equal
  return Number.isNaN(difference) && toNumber(left) === toNumber(right) ? 0 : difference;
}
