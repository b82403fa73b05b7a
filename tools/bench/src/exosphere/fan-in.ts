import type { OpenContenderIn } from '../measure/contender.ts';
import { fanInItems, fanInOuter, fanInInner } from '../workloads/sizes.ts';
import { gatherAll, gatherEach } from './clusters.ts';
import { countEnded } from './count-ended.ts';
import { openStage } from './open-stage.ts';

const gathers = {
  all: { file: gatherAll(fanInItems), executions: 1 + fanInItems + 1 },
  each: { file: gatherEach(fanInOuter, fanInInner), executions: 1 + fanInOuter + fanInOuter * fanInInner + fanInOuter },
} as const;

/** W5 by Exosphere: one gathering of all, or one for each object of a list. */
export function exosphereFanIn(kind: keyof typeof gathers): OpenContenderIn {
  return async ({ databaseUrl }) => {
    const stage = await openStage({ databaseUrl, runtime: 'in-process' });
    const { file, executions } = gathers[kind];
    const plan = stage.plan(file);
    return {
      measure: async () => {
        const { run, triggeredAt, endedAt } = await stage.run(plan);
        await countEnded(stage.ledger, run, executions);
        return { per_second: (executions * 1_000) / (endedAt - triggeredAt) };
      },
      close: () => stage.close(),
    };
  };
}
