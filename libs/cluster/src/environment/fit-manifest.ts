import type { JsonObject } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import type { SatelliteManifest } from '@exosphere/satellite-protocol';
import type { SchemaView } from '../check/schema-view.ts';
import { viewSchema } from '../check/schema-view.ts';

/**
 * Why a satellite cannot stand for another one whatever a step says: each a sentence. What schemas leave open is taken to fit; a step's
 * own config and input are checked beside this.
 */
export function misfits(original: SatelliteManifest, substitute: SatelliteManifest): readonly string[] {
  return [...inputMisfits(original.input, substitute.input), ...outputMisfits(original.output, substitute.output)];
}

function inputMisfits(original: JsonObject, substitute: JsonObject): readonly string[] {
  const [ours, theirs] = [viewSchema(original), viewSchema(substitute)];
  const asked = requiredKeys(substitute).filter((key) => !knows(original, key) && !ours.requires(key));
  const refused = substitute['additionalProperties'] === false ? keysOf(original).filter((key) => !keysOf(substitute).includes(key)) : [];
  return [
    ...asked.map((key) => `it needs the input '${key}', which the other does not take`),
    ...refused.map((key) => `it does not take the input '${key}'`),
    ...typeMisfits('input', keysOf(original), [ours, theirs]),
  ];
}

function outputMisfits(original: SatelliteManifest['output'], substitute: SatelliteManifest['output']): readonly string[] {
  const [ours, theirs] = [viewSchema(original.schema), viewSchema(substitute.schema)];
  const promised = requiredKeys(original.schema);
  const expected = [...new Set([...promised, ...(original.text === null ? [] : [original.text])])];
  const missing = expected.filter((key) => !knows(substitute.schema, key) && substitute.text !== key);
  return [...missing.map((key) => `its output has no '${key}'`), ...typeMisfits('output', keysOf(original.schema), [ours, theirs])];
}

/** Keys whose types exclude one another. */
function typeMisfits(what: string, keys: readonly string[], [ours, theirs]: readonly [SchemaView, SchemaView]): readonly string[] {
  return keys.flatMap((key) => {
    const [own, other] = [ours.property(key).types, theirs.property(key).types];
    if (own === null || other === null || [...own].some((type) => other.has(type))) return [];
    return [`the ${what} '${key}' is ${[...other].join(' or ')} in place of ${[...own].join(' or ')}`];
  });
}

function keysOf(schema: JsonObject): readonly string[] {
  return isJsonObject(schema['properties']) ? Object.keys(schema['properties']) : [];
}

function requiredKeys(schema: JsonObject): readonly string[] {
  const required = schema['required'];
  return Array.isArray(required) ? required.filter((key) => typeof key === 'string') : [];
}

/** Whether a schema names a key, or names none at all and so leaves everything open. */
function knows(schema: JsonObject, key: string): boolean {
  return keysOf(schema).includes(key) || (keysOf(schema).length === 0 && schema['additionalProperties'] !== false);
}
