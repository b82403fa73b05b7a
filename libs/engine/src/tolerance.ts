import type { Plan } from '@exosphere/model';
import type { Ledger } from '@exosphere/ports';
import { settleNumber } from '@exosphere/run-machine';
import type { Item } from './item.ts';
import type { RunInfo } from './run-info.ts';
import type { ShardPlace } from './shard-place.ts';

/** Whether the cluster tolerates failures, so that they are counted. */
export function tolerates(plan: Plan): boolean {
  return (plan.failure?.tolerate ?? null) !== null;
}

/** Whether a member of a shard is no step, but tells that a step has settled. */
export function isSettling(step: number): boolean {
  return step < -1;
}

/**
 * Judges `tolerate: P%` once the step whose objects it is of has settled: from now on the number of failures that it allows is known
 * (rule 46).
 *
 * @returns whether more have failed already
 */
export async function judgeTolerance(ledger: Ledger, run: RunInfo, settling: number): Promise<boolean> {
  const tolerate = run.graph.plan.failure?.tolerate;
  const basis = run.graph.steps.find((step) => settleNumber(step.index) === settling);
  if (tolerate?.kind !== 'percent' || basis === undefined) return false;
  const counts = await ledger.readCounts(run.row.id);
  const objects = counts
    .filter((count) => count.step === basis.index && count.kind === 'objects')
    .reduce((sum, count) => sum + count.add, 0);
  return ledger.allowFailures(run.row.id, basis.index, Math.floor((objects * tolerate.percent) / 100));
}

/** The work on such members: a worker that takes them over judges anew. */
export async function settleTolerance(place: ShardPlace, settling: number, items: readonly Item[]): Promise<void> {
  await judgeTolerance(place.desk.ledger, place.run, settling);
  for (const item of items) place.add({ kind: 'passed-over', item });
}
