import type { EndedRunStatus, Plan } from '@exosphere/model';
import type { RunControl } from './control.ts';
import { isCancelling, isOverdue } from './control.ts';

/** What the status of a run is made of (rules 43–45). */
export interface RunTotals {
  readonly control: RunControl;
  readonly sla: Pick<Plan, 'sla' | 'onSlaMiss'>;
  /** Executions of main steps that failed, collects that were not satisfied included. */
  readonly failed: number;
  readonly chainFailed: number;
  /** Failed items that no chain, `tolerate` or collect accounts for. */
  readonly unaccounted: number;
  readonly endedWell: number;
  /** Items that a collect should have had and did not wait for. */
  readonly missed: number;
}

/** The status of a run that has ended, with the reason in one sentence where there is something to say. */
export function runOutcome(totals: RunTotals): { readonly status: EndedRunStatus; readonly reason: string | null } {
  if (isOverdue(totals.control))
    return { status: totals.sla.onSlaMiss === 'cancel' ? 'cancelled' : 'failed', reason: `it missed its SLA of ${totals.sla.sla}` };
  if (isCancelling(totals.control)) return { status: 'cancelled', reason: 'it was cancelled' };
  if (totals.control === 'stopping') return { status: 'failed', reason: `more items failed than 'tolerate' allows` };
  if (totals.chainFailed > 0) return { status: 'failed', reason: `${count(totals.chainFailed, 'failure step')} failed` };
  if (totals.unaccounted > 0) return { status: 'failed', reason: `${count(totals.unaccounted, 'failed item')} had no handler` };
  if (totals.failed > 0 && totals.endedWell === 0) return { status: 'failed', reason: 'something failed and no branch ended well' };
  if (totals.failed > 0) return { status: 'partial', reason: `${count(totals.failed, 'execution')} failed` };
  if (totals.missed > 0) return { status: 'partial', reason: `a collect missed ${count(totals.missed, 'item')}` };
  return { status: 'completed', reason: null };
}

function count(amount: number, noun: string): string {
  return `${String(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}
