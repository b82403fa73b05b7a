import { formatNumber, parseNumber } from './number-text.ts';
import type { Value } from './value.ts';

/** False for null, false, 0, NaN and the empty text; everything else counts as true, empty lists and objects too. */
export function isTruthy(value: Value): boolean {
  switch (typeof value) {
    case 'string':
      return value !== '';
    case 'number':
      return value !== 0 && !Number.isNaN(value);
    case 'boolean':
      return value;
    default:
      return value !== null;
  }
}

/** The number that a value counts as in arithmetic and comparison; NaN for lists and objects. */
export function toNumber(value: Value): number {
  switch (typeof value) {
    case 'number':
      return value;
    case 'string':
      return parseNumber(value);
    case 'boolean':
      return value ? 1 : 0;
    default:
      return value === null ? 0 : NaN;
  }
}

/** The text of a value in `format`, `join` and comparison, as GitHub has it: lists and objects show as their kind alone. */
export function toComparableText(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return formatNumber(value);
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      if (value === null) return '';
      return Array.isArray(value) ? 'Array' : 'Object';
  }
}
