import type { Path } from '@exosphere/model';
import { pathText } from '../commit/row-columns.ts';

/** After every path there is. */
const end = '{2147483647}';

/** What is at or below a path: from the first, and before the second. Arrays sort like words, element by element. */
export function rangeBelow(scope: Path): readonly [string, string] {
  const last = scope.at(-1);
  return [pathText(scope), last === undefined ? end : pathText([...scope.slice(0, -1), last + 1])];
}
