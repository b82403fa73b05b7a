import { compareIgnoringCase } from '../fold-case.ts';
import { kindOf } from '../value.ts';
import type { Value, ValueKind } from '../value.ts';

/** Kinds are never mixed when sorting. What has nothing to sort by comes last. */
const KIND_ORDER: Readonly<Record<ValueKind, number>> = { boolean: 0, number: 1, string: 2, array: 3, object: 4, null: 5 };

/** A total order: by kind, then numbers by size (NaN last), texts without case and, where that leaves them equal, by unit. */
export function orderForSorting(left: Value, right: Value): number {
  if (typeof left === 'number' && typeof right === 'number') return orderNumbers(left, right);
  if (typeof left === 'string' && typeof right === 'string') return compareIgnoringCase(left, right) || orderUnits(left, right);
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  return KIND_ORDER[kindOf(left)] - KIND_ORDER[kindOf(right)];
}

function orderNumbers(left: number, right: number): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function orderUnits(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
