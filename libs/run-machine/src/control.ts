import type { Step } from './graph.ts';

/** What is asked of a run; the same words as in ports. */
export type RunControl = 'go' | 'paused' | 'stopping' | 'cancelling' | 'cancelling-all';

const order: Readonly<Record<RunControl, number>> = { go: 0, paused: 0, stopping: 1, cancelling: 2, 'cancelling-all': 3 };

/** A run only ever becomes more stopped within a round: the stronger of two. */
export function strongerControl(a: RunControl, b: RunControl): RunControl {
  return order[b] > order[a] ? b : a;
}

/** Nothing new is started but what {@link survives}. */
export function isEnding(control: RunControl): boolean {
  return order[control] > 0;
}

export function isCancelling(control: RunControl): boolean {
  return order[control] >= 2;
}

/** Whether a step may still start under this control (rules 47 and 49). */
export function survives(step: Step, control: RunControl): boolean {
  if (!isEnding(control)) return true;
  if (control === 'cancelling-all') return false;
  if (step.inChain && control === 'stopping') return true;
  return step.plan.if?.survivesCancel === true;
}
