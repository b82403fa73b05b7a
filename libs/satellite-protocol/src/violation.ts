import type { ErrorObject } from 'ajv/dist/2020.js';
import { isJsonObject } from './json.ts';

/** Where a value does not fit its schema: a JSON pointer and a sentence. */
export interface Violation {
  readonly at: string;
  readonly message: string;
}

/** Names the kind of a JSON value: values themselves may be secrets and are not repeated in messages. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return value === '' ? 'an empty string' : `a ${typeof value}`;
}

function listed(names: readonly unknown[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}

const sentences: Readonly<Record<string, (error: ErrorObject) => string>> = {
  required: ({ params }) => `The key '${params['missingProperty']}' is missing.`,
  dependentRequired: ({ params }) => `The key '${params['missingProperty']}' is missing: '${params['property']}' needs it.`,
  additionalProperties: ({ params, parentSchema }) => unknownKey(String(params['additionalProperty']), parentSchema?.['properties']),
  unevaluatedProperties: ({ params, parentSchema }) => unknownKey(String(params['unevaluatedProperty']), parentSchema?.['properties']),
  type: ({ data, params }) => `Found ${kindOf(data)}, expected ${[params['type']].flat().join(' or ')}.`,
  enum: ({ data, params }) => `Found ${kindOf(data)}, expected one of ${listed(params['allowedValues'] as unknown[])}.`, // ajv's params of enum
  const: ({ data, params }) => `Found ${kindOf(data)}, expected ${JSON.stringify(params['allowedValue'])}.`,
  pattern: ({ data, params, parentSchema }) =>
    `Found ${kindOf(data)} that is not of the form ${formOf(parentSchema) ?? params['pattern']}.`,
  format: ({ params }) => `Expected a string of the format '${params['format']}'.`,
  'false schema': () => 'Nothing is allowed here.',
};

function formOf(schema: unknown): string | null {
  const description = isJsonObject(schema) ? schema['description'] : null;
  return typeof description === 'string' ? `"${description}"` : null;
}

function unknownKey(found: string, properties: unknown): string {
  const known = Object.keys(isJsonObject(properties) ? properties : {});
  return known.length === 0 ? `The key '${found}' is not known.` : `The key '${found}' is not known. Known are: ${known.join(', ')}.`;
}

/** The sentence for one ajv error (options `verbose`). */
export function violationOf(error: ErrorObject): Violation {
  const sentence = sentences[error.keyword]?.(error) ?? `Found ${kindOf(error.data)} that ${error.message ?? `fails '${error.keyword}'`}.`;
  return { at: error.instancePath, message: sentence };
}
