import type { Step } from './graph.ts';

/**
 * The round in the key of an execution that is about to be made. Steps whose `if` calls a status function may have run before for an
 * item that failed then and was retried; their key then carries the round (rule 58). All others are made once (0).
 */
export function keyRoundFor(step: Step, round: number): number {
  return step.plan.if?.callsStatusFunction === true ? round - 1 : 0;
}
