import { settleNumber } from '@exosphere/run-machine';
import type { Item } from './item.ts';
import type { ShardPlace } from './shard-place.ts';

/**
 * Judges `tolerate: P%` once the step whose objects it is of has settled: from now on the number of failures that it allows is known
 * (rule 46).
 */
export async function settleTolerance(place: ShardPlace, gate: number, items: readonly Item[]): Promise<void> {
  const tolerate = place.run.graph.plan.failure?.tolerate;
  const basis = place.run.graph.steps.find((step) => settleNumber(step.index) === gate);
  if (tolerate?.kind === 'percent' && basis !== undefined) {
    const counts = await place.desk.ledger.readCounts(place.run.row.id);
    const objects = counts.filter((count) => count.step === basis.index && count.kind === 'objects').reduce((sum, count) => sum + count.add, 0);
    const allowed = Math.floor((objects * tolerate.percent) / 100);
    await place.desk.ledger.allowFailures(place.run.row.id, basis.index, allowed);
  }
  for (const item of items) place.add({ kind: 'passed-over', item });
}
