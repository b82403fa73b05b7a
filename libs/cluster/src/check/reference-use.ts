import type { PathSegment, Reference } from '@exosphere/expression';
import { didYouMean, hintOf } from '../read/closest-name.ts';
import type { Place, Report } from '../read/report.ts';

/** One use of a context in a template. */
export interface ReferenceUse {
  readonly reference: Reference;
  readonly form: 'whole' | 'one';
  readonly place: Place;
}

/** Whether a part of a path is this key; keys are read without regard to case. */
export function isKey(segment: PathSegment | undefined, name: string): boolean {
  return segment?.kind === 'key' && segment.name.toLowerCase() === name;
}

/** Reports a name that a context, or a step, does not have. */
export function unknownAttribute(
  { of, name, known }: { readonly of: string; readonly name: string; readonly known: readonly string[] },
  place: Place,
  report: Report,
): void {
  const hint = hintOf(name, known);
  report.error('unknown-attribute', place, `'${of}' has no '${name}'.${didYouMean(hint.hint, known)}`, { found: name, ...hint });
}
