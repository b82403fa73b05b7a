import type { Ledger } from '@exosphere/ports';
import { executionName, stepAt } from '@exosphere/run-machine';
import type { RunInfo } from './run-info.ts';

/** Names of the executions that a collect should have had and, having fired, did not wait for (rule 51). */
export async function missedItems(ledger: Ledger, run: RunInfo): Promise<readonly string[]> {
  const missed: string[] = [];
  for (const step of run.graph.steps) {
    const { gate } = step;
    if (gate?.kind !== 'collect' || gate.depth === null) continue;
    const collects = await ledger.readExecutionsBelow({ run: run.row.id, step: step.index, scope: [], upToRound: null });
    for (const collect of collects.filter((one) => one.status === 'completed' && one.round < run.row.round)) {
      for (const need of gate.needs) {
        const rows = await ledger.readExecutionsBelow({ run: run.row.id, step: need, scope: collect.path, upToRound: null });
        const late = rows.filter((row) => row.round > collect.round && row.status === 'completed' && row.branch === 'live');
        missed.push(
          ...late.map((row) =>
            executionName(run.graph, { step: stepAt(run.graph, need), path: row.path, origin: -1, keyRound: row.keyRound }, run.row.items),
          ),
        );
      }
    }
  }
  return missed;
}
