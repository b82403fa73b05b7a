import { ExosphereError } from '@exosphere/model';
import { JSONPathClass } from 'jsonpath-plus';
import type { ExpressionArray, JSONPathCallback, ParentProperty, ParentValue, ReturnObject } from 'jsonpath-plus';
import type { Segment, Slice } from './path.ts';

/** Values that one query may look at, again and again where it comes by twice: what `$..*..*` does grows without end. */
export const MOST_STEPS = 250_000;
/** Levels that a query may go down: the library calls itself for each. */
export const DEEPEST = 1_000;

/**
 * jsonpath-plus with a limit to its work, and with nothing evaluated. It walks by segments that were read before, since
 * its own reader of paths takes some names for operators; and it sees own keys of objects and places of lists alone,
 * since to the library the `length` of a list or a text is a key like others.
 */
export class BoundedQuery extends JSONPathClass {
  #stepsLeft = MOST_STEPS;
  #depth = 0;

  constructor() {
    super({ path: '$', json: {}, eval: false, autostart: false });
    this.currEval = false;
    this.currResultType = 'value';
  }

  /** The values that the segments select, in the order of the data. */
  select(segments: readonly Segment[], json: object): readonly unknown[] {
    const found = this._trace(segments.map(written), json, ['$'], null, null, undefined, undefined);
    const results = Array.isArray(found) ? found : [found];
    return results.map((each) => each.value);
  }

  // eslint-disable-next-line @typescript-eslint/max-params -- the library's
  override _trace(
    segments: ExpressionArray,
    value: unknown,
    path: ExpressionArray,
    parent: ParentValue,
    key: ParentProperty,
    callback: JSONPathCallback | undefined,
    hasArrayExpression: boolean | undefined,
  ): ReturnObject | ReturnObject[] {
    if (!isOwn(parent, key)) return [];
    this.#stepsLeft -= 1;
    if (this.#stepsLeft < 0) throw new ExosphereError('too-much-work', `the path looks at more than ${MOST_STEPS} values`);
    if (this.#depth === DEEPEST) throw new ExosphereError('too-nested', `the path goes down more than ${DEEPEST} levels`);
    this.#depth += 1;
    // The last argument, that a name be taken as it is, is left out: names are written so that they cannot be taken otherwise
    const found = super._trace(segments, value, path, parent, key, callback, hasArrayExpression);
    this.#depth -= 1;
    return found;
  }
}

/** True for a key of an object and a place of a list, and for the root, which is in nothing. */
function isOwn(parent: ParentValue, key: ParentProperty): boolean {
  if (parent === null || key === null) return true;
  if (typeof parent !== 'object' || Array.isArray(parent) !== (typeof key === 'number')) return false;
  return Object.prototype.propertyIsEnumerable.call(parent, key);
}

/** A segment as the library writes it. */
function written(segment: Segment): string {
  switch (segment.kind) {
    case 'all':
      return '*';
    case 'descend':
      return '..';
    case 'names':
      return segment.names.map((name) => `'${name.replace(/[\\']/g, '\\$&')}'`).join(',');
    case 'slices':
      return segment.slices.map(writtenSlice).join(',');
  }
}

function writtenSlice({ start, end, step }: Slice): string {
  return `${start ?? ''}:${end ?? ''}:${step ?? ''}`;
}
