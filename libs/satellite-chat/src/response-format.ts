import type { Json, JsonObject } from '@exosphere/satellite';
import type { StructuredOutput } from './chat-options.ts';

/** How the request asks for JSON: `response_format`, or nothing. */
export function responseFormat(structured: StructuredOutput, schema: JsonObject | null): JsonObject {
  if (structured === 'none') return {};
  if (structured === 'json-object' || schema === null) return { response_format: { type: 'json_object' } };
  return { response_format: { type: 'json_schema', json_schema: { name: 'output', schema, strict: allowsStrict(schema) } } };
}

/** The words that ask for JSON: some servers want to read them, and models keep to a schema better that they can see. */
export function jsonInstruction(schema: JsonObject | null): string {
  if (schema === null) return 'Answer with one JSON object and nothing else.';
  return `Answer with one JSON object that fits this JSON Schema, and nothing else:\n${JSON.stringify(schema)}`;
}

/** A strict schema leaves nothing open: every object names all its keys, requires them and allows no others. */
function allowsStrict(schema: Json | undefined): boolean {
  if (Array.isArray(schema)) return schema.every(allowsStrict);
  if (typeof schema !== 'object' || schema === null) return true;
  const { type, properties, required, additionalProperties } = schema as JsonObject; // neither null nor a list, from above
  if (type === 'object' || properties !== undefined) {
    const names = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
    const isClosed = additionalProperties === false && Array.isArray(required) && names.every((name) => required.includes(name));
    if (!isClosed) return false;
  }
  return Object.values(schema).every(allowsStrict);
}
