import type { JsonObject } from '@exosphere/model';
import { didYouMean, hintOf } from './closest-name.ts';
import type { Found, Input, Read, Shape } from './shape.ts';
import { found, refuseKind, subject } from './shape.ts';
import type { SourceEntry, SourceMap } from './source-node.ts';

/** One key of a mapping. */
export interface Key<T> {
  readonly shape: Shape<T>;
  readonly required: boolean;
  readonly description: string;
}

/** A key that may be left out. */
export function optional<T>(shape: Shape<T>, description: string): Key<T> {
  return { shape, required: false, description };
}

/** A key that must be there. */
export function required<T>(shape: Shape<T>, description: string): Key<T> {
  return { shape, required: true, description };
}

/** The keys of a mapping as a table. */
export type Keys = Readonly<Record<string, Key<unknown>>>;

/** What a table of keys reads: each key with its place; undefined where it is left out, or wrong and reported. */
export type ReadKeys<Table extends Keys> = { readonly [Name in keyof Table]: Found<Read<Table[Name]['shape']>> | undefined };

/** A mapping with known keys. */
export function mapping<Table extends Keys>(table: Table): Shape<ReadKeys<Table>> {
  const names = Object.keys(table);
  const expected = names.length === 0 ? 'an empty mapping' : `a mapping with the keys ${names.join(', ')}`;
  return {
    expected,
    schema: schemaOf(table),
    read: (input) => {
      if (input.node.kind !== 'map') return refuseKind(input, expected);
      refuseUnknownKeys(input, input.node, Object.keys(table));
      const read: Record<string, unknown> = {};
      for (const [name, key] of Object.entries(table)) read[name] = readKey(input, input.node, { name, key });
      return found(input, read as ReadKeys<Table>); // the loop above reads each key of the table with its own shape
    },
  };
}

function schemaOf(table: Keys): JsonObject {
  const names = Object.keys(table);
  const needed = names.filter((name) => table[name]?.required);
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(Object.entries(table).map(([name, { shape, description }]) => [name, { description, ...shape.schema }])),
    ...(needed.length === 0 ? {} : { required: needed }),
  };
}

function readKey(input: Input, map: SourceMap, { name, key }: { name: string; key: Key<unknown> }): Found<unknown> | undefined {
  const entry = map.entries.find((candidate) => candidate.key === name);
  if (entry !== undefined) return key.shape.read(below(input, entry));
  if (key.required) {
    const message = `${subject(input.at)} has no '${name}'. It needs one: ${key.shape.expected}.`;
    input.report.error('missing-key', { start: map.start, at: join(input.at, name) }, message, { found: name });
  }
  return undefined;
}

/** Reports the keys of a mapping that are not known. */
export function refuseUnknownKeys(input: Input, map: SourceMap, known: readonly string[]): void {
  for (const { key, keySpan } of map.entries) {
    if (known.includes(key)) continue;
    const hint = hintOf(key, known);
    const message = `${subject(input.at)} has no key '${key}'.${didYouMean(hint.hint, known)}`;
    input.report.error('unknown-key', { start: keySpan.start, at: join(input.at, key) }, message, { found: key, ...hint });
  }
}

/** The input for the value of an entry. */
export function below(input: Input, entry: SourceEntry): Input {
  return { ...input, node: entry.value, at: join(input.at, entry.key) };
}

/** The path of a part. */
export function join(at: string, part: string | number): string {
  return at === '' ? String(part) : `${at}/${part}`;
}

/** A mapping whose keys the user chooses; `name` says what they are and which are allowed. */
export function recordOf<T>(
  shape: Shape<T>,
  name?: { readonly what: string; readonly pattern: RegExp },
): Shape<ReadonlyMap<string, Found<T>>> {
  return {
    expected: 'a mapping',
    schema: {
      type: 'object',
      additionalProperties: shape.schema,
      ...(name === undefined ? {} : { propertyNames: { pattern: name.pattern.source } }),
    },
    read: (input) => {
      if (input.node.kind !== 'map') return refuseKind(input, 'a mapping');
      const read = new Map<string, Found<T>>();
      for (const entry of input.node.entries) {
        const { key, keySpan } = entry;
        if (name !== undefined && !name.pattern.test(key)) {
          const message = `'${key}' is no ${name.what}: it takes letters, digits, '_' and '-', and begins with a letter or '_'.`;
          input.report.error('bad-name', { start: keySpan.start, at: join(input.at, key) }, message, { found: key });
          continue;
        }
        const value = shape.read(below(input, entry));
        if (value !== undefined) read.set(key, value);
      }
      return found(input, read);
    },
  };
}

/** A list. `nameOf` gives what stands in a path in place of the index. */
export function listOf<T>(
  shape: Shape<T>,
  nameOf: (node: Input['node'], index: number) => string = (_, index) => String(index),
): Shape<readonly Found<T>[]> {
  return {
    expected: 'a list',
    schema: { type: 'array', items: shape.schema },
    read: (input) => {
      if (input.node.kind !== 'list') return refuseKind(input, 'a list');
      const items = input.node.items.map((node, index) => shape.read({ ...input, node, at: join(input.at, nameOf(node, index)) }));
      return found(
        input,
        items.filter((item) => item !== undefined),
      );
    },
  };
}

/** A list, or one value that stands for a list of one. */
export function oneOrMany<T>(shape: Shape<T>): Shape<readonly Found<T>[]> {
  const list = listOf(shape);
  return {
    expected: `${shape.expected}, or a list of such`,
    schema: { anyOf: [shape.schema, list.schema] },
    read: (input) => {
      if (input.node.kind === 'list') return list.read(input);
      const one = shape.read(input);
      return one === undefined ? undefined : found(input, [one]);
    },
  };
}

/** One shape where a scalar stands, another where a mapping or a list stands. */
export function byKind<Scalar, Inner>(
  scalar: Shape<Scalar>,
  other: { readonly kind: 'map' | 'list'; readonly shape: Shape<Inner> },
): Shape<Scalar | Inner> {
  const expected = `${scalar.expected}, or ${other.shape.expected}`;
  return {
    expected,
    schema: { anyOf: [scalar.schema, other.shape.schema] },
    read: (input): Found<Scalar | Inner> | undefined => {
      if (input.node.kind === 'scalar' && input.node.value !== null) return scalar.read(input);
      return input.node.kind === other.kind ? other.shape.read(input) : refuseKind(input, expected);
    },
  };
}
