import type { Json, JsonObject } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import type { SourceMap, SourceNode } from '../read/source-node.ts';

const nowhere = { start: 0, end: 0 };

/** Plain data as if it stood in a file, so that it is checked by the same rules. */
export function sourceOf(value: Json): SourceNode {
  if (Array.isArray(value)) return { kind: 'list', items: (value as readonly Json[]).map(sourceOf), ...nowhere }; // Array.isArray gives any[]
  if (isJsonObject(value)) return sourceOfObject(value);
  const scalar = value as null | boolean | number | string; // what is neither a list nor an object
  return { kind: 'scalar', value: scalar, raw: String(scalar), big: false, shared: false, ...nowhere };
}

export function sourceOfObject(value: JsonObject): SourceMap {
  const entries = Object.entries(value).map(([key, inner]) => ({ key, keySpan: nowhere, value: sourceOf(inner) }));
  return { kind: 'map', entries, ...nowhere };
}
