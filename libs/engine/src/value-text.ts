import type { Json } from '@exosphere/model';

/** A value where only text will do, like that of a secret: null is empty, a list or mapping is its JSON. */
export function valueText(value: Json): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
