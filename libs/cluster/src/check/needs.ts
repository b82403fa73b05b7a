import { didYouMean, hintOf } from '../read/closest-name.ts';
import type { Place, Report } from '../read/report.ts';
import type { Found } from '../read/shape.ts';
import { hasKey } from '../read/source-node.ts';
import { finder } from './graph.ts';
import type { NamedStep } from './named-steps.ts';

/** A step that another needs, by number, and where the file says so. */
export interface Need {
  readonly step: number;
  readonly place: Place;
}

/** The needs of one step; `wrong`: some could not be resolved. */
export interface Needs {
  readonly needs: readonly Need[];
  readonly wrong: boolean;
}

/** What a name of another section is, in words: "which is a log step". Null: no step at all. */
export type Elsewhere = (name: string) => string | null;

/** The needs of each step, with their default: the step before. */
export function resolveNeeds(steps: readonly NamedStep[], report: Report, elsewhere: Elsewhere): readonly Needs[] {
  const numbered = steps.map((step, index) => ({ ...step, index }));
  const find = finder(numbered);
  return numbered.map((step) => {
    const { needs } = step.source.value;
    if (needs === undefined) return defaultNeeds(step);
    const resolved: Need[] = [];
    let wrong = false;
    for (const name of needs.value) {
      const place = placeOfNeed(step, name);
      const need = find(name.value);
      if (need === undefined) {
        refuse(step, { name, place, report, elsewhere, names: steps.map(({ identifier }) => identifier) });
        wrong = true;
      } else if (resolved.every((other) => other.step !== need.index)) resolved.push({ step: need.index, place });
      else warnRedundant(report, { step, need: need.identifier, impliedBy: need.identifier, place });
    }
    return { needs: resolved, wrong };
  });
}

function defaultNeeds(step: NamedStep & { index: number }): Needs {
  if (hasKey(step.source.node, 'needs')) return { needs: [], wrong: true };
  return { needs: step.index === 0 ? [] : [{ step: step.index - 1, place: placeOfNeed(step, step.source) }], wrong: false };
}

function placeOfNeed(step: NamedStep, { start }: Place): Place {
  return { start, at: `${step.source.at}/needs` };
}

interface Refusal {
  readonly name: Found<string>;
  readonly place: Place;
  readonly report: Report;
  readonly elsewhere: Elsewhere;
  readonly names: readonly string[];
}

function refuse(step: NamedStep, { name, place, report, elsewhere, names }: Refusal): void {
  const hint = hintOf(
    name.value,
    names.filter((candidate) => candidate !== step.identifier),
  );
  const what = elsewhere(name.value) ?? 'which does not exist';
  const message = `Step '${step.identifier}' needs '${name.value}', ${what}.${didYouMean(hint.hint)}`;
  report.error('unknown-step', place, message, { found: name.value, ...hint });
}

/** Reports a need that another one of the same step implies (rule 2). */
export function warnRedundant(
  report: Report,
  { step, need, impliedBy, place }: { readonly step: NamedStep; readonly need: string; readonly impliedBy: string; readonly place: Place },
): void {
  const message =
    need === impliedBy
      ? `Step '${step.identifier}' needs '${need}' twice. Once is enough.`
      : `Step '${step.identifier}' needs '${need}', which its need '${impliedBy}' implies. It makes no join: leave it out.`;
  report.warning('redundant-need', place, message, { found: need, impliedBy });
}
