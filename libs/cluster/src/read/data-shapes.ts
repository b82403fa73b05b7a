import type { Json, JsonObject } from '@exosphere/model';
import type { Shape } from './shape.ts';
import { found, refuseKind } from './shape.ts';
import type { SourceMap, SourceNode } from './source-node.ts';

/** Any data, as plain JSON. */
export function data(): Shape<Json> {
  return { expected: 'a value', schema: {}, read: (input) => found(input, jsonOf(input.node)) };
}

/** A mapping of any data, as plain JSON. */
export function dataMapping(): Shape<JsonObject> {
  return {
    expected: 'a mapping',
    schema: { type: 'object' },
    read: (input) => (input.node.kind === 'map' ? found(input, objectOf(input.node)) : refuseKind(input, 'a mapping')),
  };
}

/** A mapping of any data, kept as it stands: it may hold templates, and a satellite's schema says what it means. */
export function anyMapping(): Shape<SourceMap> {
  return {
    expected: 'a mapping',
    schema: { type: 'object' },
    read: (input) => (input.node.kind === 'map' ? found(input, input.node) : refuseKind(input, 'a mapping')),
  };
}

/** Any data, kept as it stands. */
export function anything(schema: JsonObject = {}): Shape<SourceNode> {
  return { expected: 'a value', schema, read: (input) => found(input, input.node) };
}

/** A node as plain JSON data. A key named `__proto__` becomes an own property like any other. */
export function jsonOf(node: SourceNode): Json {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(jsonOf);
  return objectOf(node);
}

function objectOf(node: SourceMap): JsonObject {
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, jsonOf(value)]));
}
