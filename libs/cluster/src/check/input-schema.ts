import type { InputDeclaration, JsonObject } from '@exosphere/model';

/** The JSON Schema of a run's inputs, as their declarations say. */
export function inputSchema(inputs: Readonly<Record<string, InputDeclaration>>): JsonObject {
  const declared = Object.entries(inputs);
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(declared.map(([name, declaration]) => [name, schemaOfInput(declaration)])),
    required: declared.filter(([, { required, default: value }]) => required && value === null).map(([name]) => name),
  };
}

/** The JSON Schema of one input. */
export function schemaOfInput({ type, options, schema }: InputDeclaration): JsonObject {
  const own: JsonObject = type === 'choice' ? { enum: options ?? [] } : { type };
  return schema === null ? own : { allOf: [own, schema] };
}
