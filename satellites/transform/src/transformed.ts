import type { Json, JsonObject } from '@exosphere/satellite';
import { SatelliteFailure } from '@exosphere/satellite';

export interface Transformation {
  readonly returns?: 'one' | 'many';
  readonly object?: JsonObject;
  readonly objects?: readonly JsonObject[];
}

/** The objects to hand on. Fails, for good, where config and input do not give what `returns` says. */
export function transformed({ returns = 'one', object, objects }: Transformation, input: Json): readonly JsonObject[] {
  if (returns === 'one') {
    if (objects !== undefined) throw invalid("'objects' goes with 'returns: many'; with 'returns: one' give 'object'.");
    return [objectOf(object ?? input, 'With returns one, the input')];
  }
  if (object !== undefined) throw invalid("'object' goes with 'returns: one'; with 'returns: many' give 'objects'.");
  const list: Json = objects ?? input;
  if (!Array.isArray(list)) throw invalid(`With returns many and no 'objects' the input is a list; this one is ${kindOf(list)}.`);
  return list.map((entry: Json, index) => objectOf(entry, `Entry ${index} of the list`));
}

function objectOf(value: Json, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject; // neither null nor a list
  throw invalid(`${what} is an object; this one is ${kindOf(value)}.`);
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function invalid(message: string): SatelliteFailure {
  return new SatelliteFailure(message, { code: 'input-invalid', retryable: false });
}
