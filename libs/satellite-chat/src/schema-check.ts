import type { Json, JsonObject } from '@exosphere/satellite';
import { Validator } from '@cfworker/json-schema';

/** Null: it fits. */
export type Fault = string | null;

/** Most faults that are named at once. */
const most = 5;

/** Checks values against a JSON Schema, interpreted: there is no code to be generated in an isolate. */
export function checkAgainst(schema: JsonObject): (value: Json) => Fault {
  const validator = new Validator(schema, '2020-12', false);
  return (value) => {
    const { valid, errors } = validator.validate(value);
    if (valid) return null;
    // An outer error only says that there is an inner one.
    const inner = errors.filter(({ keyword }) => !['properties', 'items', '$ref', 'allOf'].includes(keyword));
    const named = (inner.length > 0 ? inner : errors)
      .slice(0, most)
      .map(({ instanceLocation, error }) => `${instanceLocation.replace(/^#/, '') || '/'}: ${error}`);
    return named.join(' ');
  };
}
