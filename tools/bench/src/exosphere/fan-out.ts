import type { OpenContenderIn } from '../measure/contender.ts';
import { fanOutItems, fanOutSteps, fanOutTotal } from '../workloads/sizes.ts';
import { fanOut } from './clusters.ts';
import { countEnded } from './count-ended.ts';
import type { RuntimeKind } from './open-stage.ts';
import { openStage } from './open-stage.ts';

/** W1 by Exosphere. */
export function exosphereFanOut(runtime: RuntimeKind, uses: string): OpenContenderIn {
  return async ({ databaseUrl }) => {
    const stage = await openStage({ databaseUrl, runtime });
    const plan = stage.plan(fanOut(fanOutItems, fanOutSteps, uses));
    return {
      measure: async () => {
        const { run, triggeredAt, endedAt } = await stage.run(plan);
        await countEnded(stage.ledger, run, fanOutTotal);
        return { per_second: (fanOutTotal * 1_000) / (endedAt - triggeredAt) };
      },
      close: () => stage.close(),
    };
  };
}
