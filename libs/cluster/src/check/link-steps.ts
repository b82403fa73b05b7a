import { InternalError } from '@exosphere/model';
import type { Report } from '../read/report.ts';
import { commonPath, scopeOf } from './collect-scope.ts';
import type { Graph, Linked, Scope } from './graph.ts';
import { ancestry, finder } from './graph.ts';
import type { NamedStep } from './named-steps.ts';
import type { Elsewhere, Need, Needs } from './needs.ts';
import { resolveNeeds, warnRedundant } from './needs.ts';
import { orderSteps } from './step-order.ts';

/** Draws the edges of one section: needs with their default, circles, needs that others imply, scopes of collects, paths. */
export function linkSteps(steps: readonly NamedStep[], report: Report, elsewhere: Elsewhere): Graph {
  const needs = resolveNeeds(steps, report, elsewhere);
  const numbers = needs.map((of) => of.needs.map(({ step }) => step));
  const { order, circles } = orderSteps(numbers);
  for (const circle of circles) refuseCircle(circle, { steps, needs, report });
  const context: Linking = {
    steps,
    needs,
    circular: new Set(circles.flat()),
    isAbove: ancestry(steps.length, order, numbers),
    linked: [],
    report,
  };
  for (const index of order) context.linked[index] = link(index, context);
  const find = finder(context.linked);
  return {
    steps: context.linked,
    order: order.map((index) => context.linked[index]).filter((step) => step !== undefined),
    find,
    isAncestor: (above, below) => context.isAbove(find(above)?.index ?? -1, find(below)?.index ?? -1),
  };
}

interface Linking {
  readonly steps: readonly NamedStep[];
  readonly needs: readonly Needs[];
  readonly circular: ReadonlySet<number>;
  isAbove(above: number, below: number): boolean;
  /** By number; what comes before a step is linked before it. */
  readonly linked: Linked[];
  readonly report: Report;
}

function refuseCircle(circle: readonly number[], { steps, needs, report }: Pick<Linking, 'steps' | 'needs' | 'report'>): void {
  const names = circle.map((index) => steps[index]?.identifier ?? '');
  const [first, second] = circle;
  const place = needs[first ?? 0]?.needs.find(({ step }) => step === (second ?? first))?.place;
  if (place === undefined) throw new InternalError('a circle of needs has no need');
  const [name = ''] = names;
  const way = [...names.slice(1), name].map((next) => `'${next}'`).join(', which needs ');
  report.error('cyclic-needs', place, `Step '${name}' needs ${way}: it would wait for itself for ever. Take one of these needs out.`, {
    found: names,
  });
}

function link(index: number, context: Linking): Linked {
  const { steps, needs, linked, report } = context;
  const step = steps[index];
  const own = needs[index];
  if (step === undefined || own === undefined) throw new InternalError(`there is no step number ${index}`);
  const kept = withoutImplied(step, own, context);
  // Only in a circle is a need not linked yet; the circle is reported, and everything below it is broken.
  const above = kept.map((need) => linked[need.step]).filter((need) => need !== undefined);
  const circular = above.length < kept.length || context.circular.has(index);
  const broken = own.wrong || circular || above.some((need) => need.broken);
  const names = steps.map(({ identifier }) => identifier);
  const { scope, wrong } = scopeOf(step, { needs: above, find: finder(steps), names, report });
  const place = placeOnPath(above, scope, linked);
  return { ...step, index, needs: above.map(({ identifier }) => identifier), scope, broken: broken || wrong, ...place };
}

/** In file order, without needs that another one implies (rule 2). */
function withoutImplied(step: NamedStep, { needs }: Needs, context: Linking): readonly Need[] {
  const kept = needs.filter((need) => {
    const implying = needs.find(
      (other) => other !== need && context.isAbove(need.step, other.step) && !context.isAbove(other.step, need.step),
    );
    if (implying === undefined) return true;
    const name = (number: number): string => context.steps[number]?.identifier ?? '';
    warnRedundant(context.report, { step, need: name(need.step), impliedBy: name(implying.step), place: need.place });
    return false;
  });
  return kept.toSorted((a, b) => a.step - b.step);
}

/** Rule 3. */
function placeOnPath(needs: readonly Linked[], scope: Scope, linked: readonly Linked[]): Pick<Linked, 'path' | 'rooted'> {
  if (scope?.kind === 'run') return { path: [], rooted: false };
  const above = scope === null ? needs : linked.filter((step) => step.identifier === scope.step);
  const [only, ...others] = above;
  if (only === undefined) return { path: [], rooted: true };
  if (others.length === 0) return { path: [...only.path, only.identifier], rooted: only.rooted };
  return { path: commonPath(above), rooted: above.every(({ rooted }) => rooted) };
}
