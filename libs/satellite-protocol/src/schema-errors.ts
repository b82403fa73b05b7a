import type { Json, JsonObject } from './json.ts';
import { errorsOf } from './schema-compiler.ts';
import { violationOf } from './violation.ts';

/** One rule of a schema that a value breaks, for those who must judge rules one by one. */
export interface SchemaError {
  /** JSON pointer into the value. */
  readonly at: string;
  readonly message: string;
  /** The rule: `required`, `type`, `anyOf`. */
  readonly keyword: string;
  /** JSON pointer of the rule within its schema: errors of a branch lie below the path of its `anyOf`. */
  readonly rule: string;
  /** The key that is missing or too much, where the rule is about one. */
  readonly key: string | null;
  /** The keys that a schema knows, where one is too much. */
  readonly known: readonly string[];
}

/**
 * Every error of a value against a schema that `readManifest` accepted. Errors of the branches of an `anyOf` stand beside its own.
 */
export function schemaErrors(schema: JsonObject, value: Json): readonly SchemaError[] {
  return errorsOf(schema, value).map((error) => ({
    ...violationOf(error),
    keyword: error.keyword,
    rule: error.schemaPath,
    key: keyOf(error.params),
    known: Object.keys((error.parentSchema?.['properties'] ?? {}) as object), // `properties` of a JSON Schema is an object
  }));
}

function keyOf(params: Readonly<Record<string, unknown>>): string | null {
  const key = params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'] ?? params['propertyName'];
  return typeof key === 'string' ? key : null;
}
