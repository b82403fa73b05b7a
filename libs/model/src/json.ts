/** Plain JSON data: what satellites take and return, and what the ledger keeps. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. Own enumerable keys only; a key named `__proto__` is an ordinary own property. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Tells an object from the other kinds of JSON. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
