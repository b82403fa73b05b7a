import type { Branch, CollectBears } from '@exosphere/model';
import type { RunControl } from './control.ts';
import { isEnding, saysCancelled, survives } from './control.ts';
import type { Gate, Step } from './graph.ts';
import type { NeedTally } from './gate-tally.ts';
import { tallyOf } from './gate-tally.ts';

/** What the status functions say of an execution (rule 14). */
export interface Standing {
  readonly success: boolean;
  readonly failure: boolean;
  readonly cancelled: boolean;
  /** How the branch stands if the execution runs. */
  readonly branch: Branch;
}

/** What to do with an execution that is due. `ask`: its `if` decides, `run` if it says yes. */
export type Decision =
  | { readonly kind: 'run'; readonly standing: Standing }
  | { readonly kind: 'ask'; readonly standing: Standing }
  /** Skipped, because of what came before it. */
  | { readonly kind: 'skip'; readonly branch: Branch }
  /** A collect that is not satisfied. */
  | { readonly kind: 'unmet'; readonly message: string; readonly consequence: boolean }
  | { readonly kind: 'cancel' }
  /** Nothing is run or recorded: the branch ended before, or a stopped run asks no collect. */
  | { readonly kind: 'pass-over' };

/** Decides an execution that is no gate. */
export function decideStep(step: Step, branch: Branch, control: RunControl): Decision {
  if (isEnding(control) && !survives(step, control)) return { kind: 'cancel' };
  const standing: Standing = {
    success: branch === 'live' && !saysCancelled(control),
    failure: branch === 'failed',
    cancelled: branch === 'cancelled' || saysCancelled(control),
    branch,
  };
  return ask(step, standing);
}

/** How things stand when a gate is due. */
export interface GateState {
  readonly tally: readonly number[];
  /** How the branch of its scope stands. */
  readonly branch: Branch;
  readonly control: RunControl;
}

/** Decides a join or a collect, all of whose needs have ended. */
export function decideGate(step: Step, gate: Gate, { tally, branch, control }: GateState): Decision {
  if (isEnding(control) && !survives(step, control)) return { kind: 'pass-over' };
  const needs = gate.needs.map((_, place) => tallyOf(tally, place));
  const unmet = gate.kind === 'collect' ? findUnmet(step, needs) : null;
  const standing = gate.kind === 'collect' ? collectStanding(needs, unmet, branch, control) : joinStanding(needs, branch, control);
  if (step.plan.if?.callsStatusFunction === true) return { kind: 'ask', standing };
  if (branch !== 'live') return { kind: 'pass-over' };
  if (unmet !== null) {
    const consequence = needs.some((need) => need.handled > 0);
    return { kind: 'unmet', message: unmet, consequence };
  }
  if (!standing.success) return { kind: 'skip', branch: standing.branch === 'live' ? 'skipped' : standing.branch };
  return ask(step, standing);
}

function ask(step: Step, standing: Standing): Decision {
  const condition = step.plan.if;
  if (condition !== null) return { kind: 'ask', standing };
  return standing.success || standing.branch === 'live' ? { kind: 'run', standing } : { kind: 'pass-over' };
}

type NeedOutcome = 'completed' | 'failed' | 'skipped' | 'cancelled';

/** Rule 12. */
function outcomeOf(need: NeedTally): NeedOutcome {
  if (need.bad > 0) return 'failed';
  if (need.cancelled > 0) return 'cancelled';
  return need.skipped > 0 ? 'skipped' : 'completed';
}

function joinStanding(needs: readonly NeedTally[], scope: Branch, control: RunControl): Standing {
  const outcomes = needs.map(outcomeOf);
  const branch = scope === 'live' ? joinBranch(outcomes) : scope;
  return {
    success: branch === 'live' && outcomes.every((outcome) => outcome === 'completed') && !saysCancelled(control),
    failure: branch === 'failed' || outcomes.includes('failed'),
    cancelled: branch === 'cancelled' || saysCancelled(control),
    branch,
  };
}

/** Rule 16: a join that a live branch reached, and no failed or cancelled one, is alive. */
function joinBranch(outcomes: readonly NeedOutcome[]): Branch {
  if (outcomes.includes('failed')) return 'failed';
  if (outcomes.includes('cancelled')) return 'cancelled';
  return outcomes.includes('completed') ? 'live' : 'skipped';
}

function collectStanding(needs: readonly NeedTally[], unmet: string | null, scope: Branch, control: RunControl): Standing {
  return {
    success: unmet === null && scope === 'live' && !saysCancelled(control),
    failure: needs.some((need) => need.bad > 0) || scope === 'failed',
    cancelled: needs.some((need) => need.cancelled > 0) || saysCancelled(control),
    branch: scope === 'live' && unmet !== null ? 'failed' : scope,
  };
}

/** The first need that does not satisfy the collect, as a sentence (rules 19 and 20). */
function findUnmet(step: Step, needs: readonly NeedTally[]): string | null {
  const bears = step.plan.collect?.bears ?? { kind: 'all-succeeded' };
  const need = needs.find((one) => !satisfies(bears, one));
  if (need === undefined) return null;
  const reason = `${String(need.bad)} of ${String(need.good + need.bad)} items before '${step.plan.identifier}' failed`;
  return reason;
}

function satisfies(bears: CollectBears, need: NeedTally): boolean {
  switch (bears.kind) {
    case 'all-succeeded':
      return need.bad === 0;
    case 'all-finished':
      return true;
    case 'min-percent':
      return need.good * 100 >= bears.percent * (need.good + need.bad);
    case 'min-count':
      return need.good >= bears.count;
  }
}
