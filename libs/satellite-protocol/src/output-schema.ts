import type { Json, JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';
import type { Shorthand, TextProblem } from './output-schema-text.ts';
import { readShorthand } from './output-schema-text.ts';

/** The JSON Schema that an `output-schema` stands for, or why it stands for none. */
export type OutputSchemaReading = { readonly schema: JsonObject } | { readonly problem: TextProblem };

/**
 * Reads an `output-schema` (spec 1.2): JSON Schema as a mapping or as JSON text, or the shorthand, where values are the words
 * `string`, `number`, `integer`, `boolean`, a list of one of these, or a nested object; trailing commas are allowed, a `?` behind a
 * name makes it optional.
 *
 * @example parseOutputSchema('{ "company": string, "pages"?: [integer], }')
 */
export function parseOutputSchema(source: Json): OutputSchemaReading {
  if (typeof source === 'string') return fromText(source);
  if (!isJsonObject(source)) return problem('Expected a JSON Schema, or the shorthand { "name": string }');
  return isJsonSchema(source) ? { schema: source } : fromShorthand(shorthandOf(source));
}

function fromText(text: string): OutputSchemaReading {
  const json = jsonIn(text);
  if (json !== undefined) return isJsonObject(json) ? parseOutputSchema(json) : problem('Expected an object');
  const read = readShorthand(text);
  return 'problem' in read ? read : fromShorthand(read.value);
}

function jsonIn(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json; // JSON.parse gives JSON
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const keywords = new Set(
  `$schema $id $ref $defs $comment $anchor definitions title description type properties required additionalProperties patternProperties
   propertyNames minProperties maxProperties items prefixItems minItems maxItems uniqueItems contains enum const default examples anyOf
   oneOf allOf not if then else format pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf
   dependentRequired dependentSchemas unevaluatedProperties deprecated readOnly writeOnly nullable`.split(/\s+/),
);

/** Whether an object is JSON Schema and not the shorthand: it holds nothing but keywords, and `type` is no object. */
function isJsonSchema(object: JsonObject): boolean {
  return Object.keys(object).every((key) => keywords.has(key)) && !isJsonObject(object['type']);
}

/** The shorthand that was written as a mapping: `{company: string, tags: [string]}`. */
function shorthandOf(value: Json): Shorthand {
  if (isJsonObject(value)) {
    const fields = Object.entries(value).map(([key, inner]) => ({
      name: key.replace(/\?$/, ''),
      optional: key.endsWith('?'),
      value: shorthandOf(inner),
    }));
    return { kind: 'object', fields };
  }
  if (Array.isArray(value) && value.length === 1) return { kind: 'list', of: shorthandOf((value as readonly Json[])[0] ?? null) }; // Array.isArray gives any[]
  return { kind: 'word', word: typeof value === 'string' ? value : JSON.stringify(value), offset: 0 };
}

function fromShorthand(value: Shorthand): OutputSchemaReading {
  if (value.kind !== 'object') return problem('Expected an object at the top: { "name": string }');
  const stranger = strangerIn(value);
  return stranger === undefined
    ? { schema: schemaOf(value) }
    : problem(`Found '${stranger.word}', expected ${words.join(', ')}, [ or {`, stranger.offset);
}

const words = ['string', 'number', 'integer', 'boolean'];

function strangerIn(value: Shorthand): (Shorthand & { kind: 'word' }) | undefined {
  if (value.kind === 'word') return words.includes(value.word) ? undefined : value;
  if (value.kind === 'list') return strangerIn(value.of);
  return value.fields.map((field) => strangerIn(field.value)).find((found) => found !== undefined);
}

function schemaOf(value: Shorthand): JsonObject {
  if (value.kind === 'word') return { type: value.word };
  if (value.kind === 'list') return { type: 'array', items: schemaOf(value.of) };
  return {
    type: 'object',
    properties: Object.fromEntries(value.fields.map((field) => [field.name, schemaOf(field.value)])),
    required: value.fields.filter(({ optional }) => !optional).map(({ name }) => name),
    additionalProperties: false,
  };
}

function problem(message: string, offset = 0): { readonly problem: TextProblem } {
  return { problem: { message, offset } };
}
