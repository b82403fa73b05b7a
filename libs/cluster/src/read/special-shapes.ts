import type { Shape } from './shape.ts';
import { found, refuse } from './shape.ts';
import type { SourceNode } from './source-node.ts';

/** A key that exists elsewhere and may not stand here; `reason` says why. */
export function refused<T>(reason: string): Shape<T> {
  return {
    expected: 'nothing',
    schema: { not: {}, description: reason },
    read: (input) => refuse(input, reason, { code: 'key-not-here' }),
  };
}

/** A mapping that may be left empty: `api-call:` is `api-call: {}`. */
export function orEmpty<T>(shape: Shape<T>): Shape<T> {
  return {
    expected: shape.expected,
    schema: { anyOf: [shape.schema, { type: 'null' }] },
    read: (input) =>
      shape.read(
        isNothing(input.node) ? { ...input, node: { kind: 'map', entries: [], start: input.node.start, end: input.node.end } } : input,
      ),
  };
}

function isNothing(node: SourceNode): boolean {
  return node.kind === 'scalar' && node.value === null && node.raw === '';
}

/** What `other` reads, made of what `shape` read. */
export function mapped<T, U>(shape: Shape<T>, change: (value: T) => U): Shape<U> {
  return {
    ...shape,
    read: (input) => {
      const read = shape.read(input);
      return read === undefined ? undefined : found(input, change(read.value));
    },
  };
}
