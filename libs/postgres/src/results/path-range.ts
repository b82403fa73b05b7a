import type { Path } from '@exosphere/model';
import { pathText } from '../commit/row-columns.ts';

/** What is at or below a path: from the first, and before the second (null: no end). Arrays sort like words, element by element. */
export function rangeBelow(scope: Path): readonly [string, string | null] {
  const last = scope.at(-1);
  return [pathText(scope), last === undefined ? null : pathText([...scope.slice(0, -1), last + 1])];
}
