import type { Report } from '../read/report.ts';
import type { CheckedCondition } from './check-condition.ts';
import type { Graph, Linked } from './graph.ts';

/** A step with its checked condition. */
export type ConditionOf = (step: Linked) => CheckedCondition | null;

/** Warns of joins whose sides may exclude one another (rule 13). */
export function warnOfAlternatives(graph: Graph, conditionOf: ConditionOf, report: Report): void {
  for (const step of graph.steps) {
    if (step.needs.length < 2 || step.scope !== null || conditionOf(step)?.callsStatusFunction === true) continue;
    const sides = step.needs.filter((name) => {
      const side = graph.find(name);
      return side?.source.value.if !== undefined && side.source.value['on-skip']?.value !== 'pass';
    });
    if (sides.length < 2) continue;
    const named = sides.map((side) => `'${side}'`).join(' and ');
    const message = `Step '${step.identifier}' waits for ${named}, which may both be skipped by their 'if'. Where one is, the step is skipped too. If any of them is enough, write if: "!failure()".`;
    report.warning('join-of-alternatives', step.source, message, { found: sides });
  }
}

/** Warns of steps that can never run: their condition is false whatever the run gives, or they need such a step. */
export function warnOfUnreachable(graph: Graph, conditionOf: ConditionOf, report: Report): void {
  const dead = new Map<string, string>();
  for (const step of graph.order) {
    const reason = whyDead(step, { conditionOf, dead });
    if (reason === null) continue;
    if (step.source.value['on-skip']?.value !== 'pass') dead.set(step.identifier, reason);
    report.warning('unreachable-step', step.source, `Step '${step.identifier}' can never run: ${reason}.`, { found: step.identifier });
  }
}

function whyDead(
  step: Linked,
  { conditionOf, dead }: { readonly conditionOf: ConditionOf; readonly dead: ReadonlyMap<string, string> },
): string | null {
  const condition = conditionOf(step);
  if (condition?.neverTrue === true) return "its 'if' is always false";
  if (step.scope !== null || condition?.callsStatusFunction === true) return null;
  const need = step.needs.find((name) => dead.has(name));
  return need === undefined ? null : `it needs '${need}', which never runs`;
}
