import type { Json, JsonObject } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';

/** A type of JSON Schema; `number` includes `integer`. */
export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

/**
 * A place in a JSON Schema, for questions that are asked before there is a value. It is an approximation that errs towards "anything":
 * what it does not understand does not narrow the answer.
 */
export interface SchemaView {
  /** The types that are allowed; null: any. */
  readonly types: ReadonlySet<JsonType> | null;
  /** Whether a mapping must have this key. */
  requires(key: string): boolean;
  property(key: string): SchemaView;
  item(index: number): SchemaView;
}

/** Every type of schema is asked at most this deep, as references may go in circles. */
const mostSteps = 32;

/** Looks at a schema; `root` is what `$ref` speaks of. */
export function viewSchema(schema: Json, root: Json = schema): SchemaView {
  return viewOf([schema], { root, steps: mostSteps });
}

interface Context {
  readonly root: Json;
  readonly steps: number;
}

/** Several schemas that all hold: a key's own schema, and what `allOf` says of the same key. */
function viewOf(schemas: readonly Json[], context: Context): SchemaView {
  const all = schemas.flatMap((schema) => conjuncts(schema, context));
  return {
    types: all.map((schema) => typesOf(schema, context)).reduce(intersection, null),
    requires: (key) => all.some((schema) => Array.isArray(schema['required']) && schema['required'].includes(key)),
    property: (key) => childView(all, context, (schema) => propertyOf(schema, key)),
    item: (index) => childView(all, context, (schema) => itemOf(schema, index)),
  };
}

function childView(all: readonly JsonObject[], context: Context, childOf: (schema: JsonObject) => Json | undefined): SchemaView {
  const deeper = { ...context, steps: context.steps - 1 };
  if (deeper.steps < 0) return anything;
  const children = all.flatMap((schema) => {
    const own = childOf(schema);
    const inBranches = branchesOf(schema, deeper).map(childOf);
    const alternatives = inBranches.some((child) => child === undefined) ? [] : inBranches.filter((child) => child !== undefined);
    return [...(own === undefined ? [] : [own]), ...(alternatives.length === 0 ? [] : [{ anyOf: alternatives }])];
  });
  return viewOf(children, deeper);
}

const anything: SchemaView = { types: null, requires: () => false, property: () => anything, item: () => anything };

/** A schema with what it refers to and what its `allOf` adds. */
function conjuncts(schema: Json, context: Context): readonly JsonObject[] {
  if (!isJsonObject(schema) || context.steps <= 0) return [];
  const deeper = { ...context, steps: context.steps - 1 };
  const reference = schema['$ref'];
  const referred = typeof reference === 'string' ? conjuncts(resolve(reference, context.root), deeper) : [];
  const all = Array.isArray(schema['allOf']) ? schema['allOf'].flatMap((part: Json) => conjuncts(part, deeper)) : [];
  return [schema, ...referred, ...all];
}

function resolve(reference: string, root: Json): Json {
  if (!reference.startsWith('#')) return {};
  let at: Json | undefined = root;
  for (const part of reference.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    at = isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at ?? {};
}

/** The branches of `anyOf` and `oneOf`, each as one schema. */
function branchesOf(schema: JsonObject, context: Context): readonly JsonObject[] {
  const branches = schema['anyOf'] ?? schema['oneOf'];
  if (!Array.isArray(branches)) return [];
  return branches.map((branch: Json) => conjuncts(branch, context)[0] ?? {});
}

function typesOf(schema: JsonObject, context: Context): ReadonlySet<JsonType> | null {
  const { type, const: constant, enum: values, anyOf, oneOf } = schema;
  if (typeof type === 'string') return new Set([jsonType(type)]);
  if (Array.isArray(type)) return new Set(type.filter((name) => typeof name === 'string').map(jsonType));
  if (constant !== undefined) return new Set([typeOfValue(constant)]);
  if (Array.isArray(values)) return new Set(values.map(typeOfValue));
  const branches = anyOf ?? oneOf;
  if (!Array.isArray(branches) || context.steps <= 0) return null;
  const deeper = { ...context, steps: context.steps - 1 };
  const types = branches.map((branch: Json) => viewOf([branch], deeper).types);
  return types.includes(null) ? null : new Set(types.flatMap((set) => [...(set ?? [])]));
}

function jsonType(name: string): JsonType {
  const known = (['null', 'boolean', 'number', 'string', 'array', 'object'] as const).find((type) => type === name);
  return known ?? 'number';
}

function typeOfValue(value: Json): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'object' ? 'object' : jsonType(typeof value);
}

function intersection(a: ReadonlySet<JsonType> | null, b: ReadonlySet<JsonType> | null): ReadonlySet<JsonType> | null {
  if (a === null) return b;
  return b === null ? a : new Set([...a].filter((type) => b.has(type)));
}

function propertyOf(schema: JsonObject, key: string): Json | undefined {
  const { properties, patternProperties, additionalProperties } = schema;
  if (isJsonObject(properties) && Object.hasOwn(properties, key)) return properties[key];
  // Patterns of strangers are not run here: where there are any, the key may be meant by one of them.
  if (isJsonObject(patternProperties)) return {};
  return isJsonObject(additionalProperties) ? additionalProperties : undefined;
}

function itemOf(schema: JsonObject, index: number): Json | undefined {
  const { prefixItems, items } = schema;
  const own: Json | undefined = Array.isArray(prefixItems) ? (prefixItems as readonly Json[])[index] : undefined; // Array.isArray gives any[]
  return own ?? (isJsonObject(items) ? items : undefined);
}
