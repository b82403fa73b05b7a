import type { Value } from '@exosphere/expression';
import { kindOf } from '@exosphere/expression';

/**
 * The value as JSON text. Keys keep their order, integer-like ones too. Numbers that JSON does not know are texts: `"NaN"`,
 * `"Infinity"`, `"-Infinity"`.
 */
export function valueText(value: Value, indent = ''): string {
  if (typeof value === 'number') return numberText(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = indent === '' ? '' : `${indent}  `;
  if (kindOf(value) === 'array') {
    const items = value as readonly Value[]; // its kind was asked
    return bracket(
      ['[', ']'],
      items.map((item) => valueText(item, inner)),
      indent,
    );
  }
  const entries =
    value instanceof Map ? [...(value as ReadonlyMap<string, Value>)] : Object.entries(value as Readonly<Record<string, Value>>); // what is left
  const colon = indent === '' ? ':' : ': ';
  return bracket(
    ['{', '}'],
    entries.map(([key, item]) => `${JSON.stringify(key)}${colon}${valueText(item, inner)}`),
    indent,
  );
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) return JSON.stringify(String(value));
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

/** `indent`: of what is inside, begun with a line break; empty: all on one line. */
function bracket([open, close]: readonly [string, string], parts: readonly string[], indent: string): string {
  if (indent === '' || parts.length === 0) return `${open}${parts.join(',')}${close}`;
  return `${open}${parts.map((part) => `${indent}${part}`).join(',')}${indent.slice(0, -2)}${close}`;
}
