import type { Json } from './json.ts';
import { isJsonObject } from './json.ts';

/** JSON text with sorted keys and no blanks: the same value always gives the same text, so that it can be digested. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (isJsonObject(value))
    return `{${Object.keys(value)
      .sort()
      .map((key) => member(key, value))
      .join(',')}}`;
  return JSON.stringify(value);
}

function member(key: string, object: { readonly [key: string]: Json }): string {
  return `${JSON.stringify(key)}:${canonicalJson(object[key] ?? null)}`;
}
