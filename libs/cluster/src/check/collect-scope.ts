import type { Place, Report } from '../read/report.ts';
import { didYouMean, hintOf } from '../read/closest-name.ts';
import { hasKey } from '../read/source-node.ts';
import type { Linked, Scope } from './graph.ts';
import type { NamedStep } from './named-steps.ts';

/** The scope of a step's collect; `wrong`: it has one that cannot be. */
export interface ScopeReading {
  readonly scope: Scope;
  readonly wrong: boolean;
}

/** What a collect is checked against. */
export interface ScopeContext {
  /** The needs of the step, linked. */
  readonly needs: readonly Linked[];
  find(name: string): NamedStep | undefined;
  /** Names of all steps. */
  readonly names: readonly string[];
  readonly report: Report;
}

/** Reads `collect: run`, `collect: A` or `{per}`. A must be on the path of each need and no need itself (rule 25). */
export function scopeOf(step: NamedStep, context: ScopeContext): ScopeReading {
  const { collect } = step.source.value;
  if (collect === undefined) return { scope: null, wrong: step.section === 'satellites' && hasKey(step.source.node, 'collect') };
  const per = typeof collect.value === 'string' ? collect.value : collect.value.per?.value;
  if (per === undefined) return { scope: null, wrong: true };
  if (per === 'run') return { scope: { kind: 'run' }, wrong: false };
  const start = typeof collect.value === 'string' ? collect.start : (collect.value.per?.start ?? collect.start);
  return stepScope(step, { per, place: { start, at: collect.at } }, context);
}

function stepScope(step: NamedStep, { per, place }: { per: string; place: Place }, context: ScopeContext): ScopeReading {
  const { needs, report } = context;
  const target = context.find(per);
  const wrong: ScopeReading = { scope: null, wrong: true };
  if (target === undefined) {
    const hint = hintOf(per, ['run', ...commonPath(needs), ...context.names]);
    const message = `Step '${step.identifier}' collects per object of '${per}', which is no step.${didYouMean(hint.hint)}`;
    report.error('unknown-step', place, message, { found: per, ...hint });
    return wrong;
  }
  const name = target.identifier;
  if (needs.some(({ identifier }) => identifier === name)) {
    const above = commonPath(needs).at(-1);
    const message = `Step '${step.identifier}' needs '${name}' and collects per object of it, which would give lists of one. Collect per ${above === undefined ? '`run`' : `'${above}' or \`run\``}.`;
    report.error('collect-of-need', place, message, { found: name, hint: above ?? 'run' });
    return wrong;
  }
  if (needs.length > 0 && needs.every(({ path }) => path.includes(name))) return { scope: { kind: 'step', step: name }, wrong: false };
  const known = ['run', ...commonPath(needs)];
  const message = `Step '${step.identifier}' collects per object of '${name}', which is not above all of its needs. Possible are: ${known.join(', ')}.`;
  report.error('not-an-ancestor', place, message, { found: name });
  return wrong;
}

/** The steps that are on the path of each: the longest common beginning (rule 3). */
export function commonPath(steps: readonly { readonly path: readonly string[]; readonly rooted: boolean }[]): readonly string[] {
  const [first, ...others] = steps;
  if (first === undefined || others.some(({ rooted }) => rooted !== first.rooted)) return [];
  const end = first.path.findIndex((step, index) => others.some(({ path }) => path[index] !== step));
  return end < 0 ? first.path : first.path.slice(0, end);
}
