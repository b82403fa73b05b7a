import type { CountDelta } from '@exosphere/ports';
import type { Graph, Step } from '@exosphere/run-machine';
import { stepAt } from '@exosphere/run-machine';

/** How far one step has come. */
export interface StepProgress {
  readonly step: Step;
  readonly completed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cancelled: number;
  readonly continued: number;
  /** Objects handed on. */
  readonly objects: number;
  /** How many executions there will be, as far as it is known now; null for steps of a failure chain, which nobody expects. */
  readonly expected: number | null;
  /** It has not ended, or something before it has not. */
  readonly isOpen: boolean;
  /** What hands on its items has not ended, so that more may be expected. */
  readonly grows: boolean;
}

/** How far the steps of a run have come, and how far they will have to go. */
export function stepProgress(graph: Graph, counts: readonly CountDelta[], items: number): readonly StepProgress[] {
  const totals = totalsByStep(counts);
  const known = new Map<number, StepProgress>();
  const of = (index: number): StepProgress => {
    const before = known.get(index);
    if (before !== undefined) return before;
    const progress = progressOf(stepAt(graph, index), { graph, totals, items, of });
    known.set(index, progress);
    return progress;
  };
  return graph.steps.map(({ index }) => of(index));
}

/** Executions that have ended. */
export function endedOf({ completed, failed, skipped, cancelled }: StepProgress): number {
  return completed + failed + skipped + cancelled;
}

type Totals = ReadonlyMap<number, ReadonlyMap<string, number>>;

function totalsByStep(counts: readonly CountDelta[]): Totals {
  const totals = new Map<number, Map<string, number>>();
  for (const { step, kind, add } of counts) {
    const kinds = totals.get(step) ?? new Map<string, number>();
    totals.set(step, kinds.set(kind, (kinds.get(kind) ?? 0) + add));
  }
  return totals;
}

interface Known {
  readonly graph: Graph;
  readonly totals: Totals;
  readonly items: number;
  readonly of: (index: number) => StepProgress;
}

function progressOf(step: Step, known: Known): StepProgress {
  const count = (kind: CountDelta['kind']): number => known.totals.get(step.index)?.get(kind) ?? 0;
  const counts = {
    completed: count('completed'),
    failed: count('failed'),
    skipped: count('skipped'),
    cancelled: count('cancelled'),
    continued: count('continued'),
    objects: count('objects'),
  };
  if (step.inChain) return { step, ...counts, expected: null, isOpen: false, grows: false };
  const needs = step.plan.needs.map((need) => known.of(known.graph.numberOf.get(need) ?? -1));
  const expected = expectedOf(step, known);
  const ended = counts.completed + counts.failed + counts.skipped + counts.cancelled;
  return {
    step,
    ...counts,
    expected: Math.max(expected, ended),
    isOpen: needs.some((need) => need.isOpen) || ended < expected,
    grows: doesGrow(step, known),
  };
}

/** A step runs once for each object at the end of its path. */
function expectedOf({ plan }: Step, { graph, items, of }: Known): number {
  const last = plan.path.at(-1);
  if (last === undefined) return plan.rooted ? items : 1;
  const above = of(graph.numberOf.get(last) ?? -1);
  if (above.step.plan.satellite.cardinality === 'many') return above.objects;
  return Math.max(0, (above.expected ?? 0) - above.failed - above.skipped - above.cancelled);
}

function doesGrow({ plan }: Step, { graph, of }: Known): boolean {
  const last = plan.path.at(-1);
  if (last === undefined) return false;
  const above = of(graph.numberOf.get(last) ?? -1);
  return above.step.plan.satellite.cardinality === 'many' ? above.isOpen : above.grows;
}
