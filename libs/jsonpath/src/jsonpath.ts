import type { Json } from '@exosphere/model';
import { BoundedQuery } from './bounded-query.ts';
import { parsePath } from './path.ts';
import { withoutMaps } from './plain-data.ts';

/**
 * The function `jsonpath(value, path)` of the language: the list of what the path selects, empty where it selects nothing.
 *
 * @param args the value, and the path, a text like `$.items[0].name`
 * @throws ExosphereError 'argument-invalid', 'too-much-work', 'too-nested'
 * @example jsonpath([{ items: [{ name: 'a' }] }, '$.items[*].name']) // ['a']
 */
export function jsonpath(args: readonly unknown[]): readonly Json[] {
  const [value, path] = args;
  const segments = parsePath(path);
  const data = withoutMaps(value);
  const found =
    typeof data === 'object' && data !== null ? new BoundedQuery().select(segments, data) : segments.length === 0 ? [data ?? null] : [];
  return found as readonly Json[]; // parts of the data, which is JSON
}
