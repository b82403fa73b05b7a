import type { OpenContenderIn } from '../measure/contender.ts';
import { chainMeasures } from '../workloads/chain-measures.ts';
import { chainRepeats, chainSteps } from '../workloads/sizes.ts';
import { oneAfterAnother } from './clusters.ts';
import { countEnded } from './count-ended.ts';
import type { RuntimeKind } from './open-stage.ts';
import { openStage } from './open-stage.ts';
import { timedRuntime } from './timed-runtime.ts';

/** W2 by Exosphere. Nobody nudges the worker: it hears of the run as it would of one that another process started. */
export function exosphereChain(runtime: RuntimeKind): OpenContenderIn {
  return async ({ databaseUrl }) => {
    let starts: number[] = [];
    const wrapRuntime = (own: Parameters<typeof timedRuntime>[0]) => timedRuntime(own, (at) => starts.push(at));
    const stage = await openStage({ databaseUrl, runtime, wrapRuntime });
    const plan = stage.plan(oneAfterAnother(chainSteps));
    return {
      measure: () =>
        chainMeasures(chainRepeats, async () => {
          starts = [];
          const { run, triggeredAt } = await stage.run(plan);
          await countEnded(stage.ledger, run, chainSteps);
          return { triggeredAt, starts };
        }),
      close: () => stage.close(),
    };
  };
}
