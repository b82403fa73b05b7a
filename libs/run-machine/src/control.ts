import type { Step } from './graph.ts';

/** What is asked of a run; the same words as in ports. */
export type RunControl = 'go' | 'paused' | 'stopping' | 'overdue' | 'cancelling' | 'overdue-all' | 'cancelling-all';

const order: Readonly<Record<RunControl, number>> = {
  go: 0,
  paused: 0,
  stopping: 1,
  overdue: 2,
  cancelling: 3,
  'overdue-all': 4,
  'cancelling-all': 5,
};

/** A run only ever becomes more stopped within a round: the stronger of two. */
export function strongerControl(a: RunControl, b: RunControl): RunControl {
  return order[b] > order[a] ? b : a;
}

/** Nothing new is started but what {@link survives}. */
export function isEnding(control: RunControl): boolean {
  return order[control] > 0;
}

/** What runs is stopped, and what is pending is cancelled, but for what {@link survives}. */
export function isCancelling(control: RunControl): boolean {
  return order[control] >= order.overdue;
}

/** It is the SLA that ends the run. */
export function isOverdue(control: RunControl): boolean {
  return control === 'overdue' || control === 'overdue-all';
}

/** Nothing survives. */
export function isStoppingAll(control: RunControl): boolean {
  return control === 'overdue-all' || control === 'cancelling-all';
}

/** What `cancelled()` says. A chain that outlives the SLA of its run is not cancelled. */
export function saysCancelled(control: RunControl): boolean {
  return isCancelling(control) && control !== 'overdue';
}

/** Whether a step may still start under this control (rules 47 and 49, spec 3.8). */
export function survives(step: Step, control: RunControl): boolean {
  if (!isEnding(control)) return true;
  if (isStoppingAll(control)) return false;
  if (control === 'overdue') return step.inChain;
  if (step.inChain && control === 'stopping') return true;
  return step.plan.if?.survivesCancel === true;
}
