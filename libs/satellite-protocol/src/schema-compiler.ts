import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Json, JsonObject } from './json.ts';
import { linearPattern } from './linear-pattern.ts';
import { schemaFormats } from './schema-formats.ts';
import type { Violation } from './violation.ts';
import { violationOf } from './violation.ts';

/** Null: the value fits. */
export type Check = (value: Json) => Violation | null;

/**
 * Unknown keywords and formats are errors, defaults change nothing. The schemas of several satellites meet in one ajv
 * (`addUsedSchema: false` and {@link compile} keep them from seeing one another's `$id`): a new one costs 15 ms.
 */
function newAjv({ allErrors }: { allErrors: boolean }): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
    validateFormats: true,
    addUsedSchema: false,
    verbose: true,
    logger: false,
    allErrors,
    code: { regExp: linearPattern },
  });
  for (const [name, validate] of Object.entries(schemaFormats)) ajv.addFormat(name, { type: 'string', validate });
  for (const name of ['int32', 'int64', 'float', 'double']) ajv.addFormat(name, { type: 'number', validate: () => true });
  for (const name of ['password', 'binary', 'markdown']) ajv.addFormat(name, true);
  return ajv;
}

let firstErrorOnly: Ajv2020 | null = null;

function compile(schema: JsonObject): ValidateFunction {
  firstErrorOnly ??= newAjv({ allErrors: false });
  try {
    return firstErrorOnly.compile(schema);
  } finally {
    firstErrorOnly.removeSchema(schema);
  }
}

/** What is wrong with a JSON Schema, or null. */
export function schemaFault(schema: JsonObject): string | null {
  try {
    compile(schema);
    return null;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

/** A check against one schema; throws ajv's error where the schema itself is wrong (see {@link schemaFault}). */
export function checkOf(schema: JsonObject): Check {
  const validate = compile(schema);
  return (value) => {
    if (validate(value)) return null;
    const error = validate.errors?.at(-1);
    return error === undefined ? { at: '', message: 'The value does not fit its schema.' } : violationOf(error);
  };
}

const every = new WeakMap<JsonObject, ValidateFunction>();
let allErrors: Ajv2020 | null = null;

function compileForAll(schema: JsonObject): ValidateFunction {
  allErrors ??= newAjv({ allErrors: true });
  try {
    return allErrors.compile(schema);
  } finally {
    allErrors.removeSchema(schema);
  }
}

/** Every error of ajv, also those of branches that are part of another error. */
export function errorsOf(schema: JsonObject, value: Json): readonly ErrorObject[] {
  const validate = every.get(schema) ?? compileForAll(schema);
  every.set(schema, validate);
  return validate(value) ? [] : (validate.errors ?? []);
}

/** Every violation of one of our own schemas, for files that people write. */
export function violationsOf(schema: JsonObject, value: Json): readonly Violation[] {
  return errorsOf(schema, value)
    .filter(({ keyword }) => keyword !== 'if')
    .map(violationOf);
}
