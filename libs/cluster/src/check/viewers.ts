import type { StepId } from '@exosphere/model';
import type { SourceFile } from '../read/source-file.ts';
import { failureRange, sightOfFailure } from './failure-sight.ts';
import type { Graph, Linked } from './graph.ts';
import { sightFrom, sightOfRun } from './sight.ts';
import type { CardinalityOf, Sight } from './sight.ts';
import { createUses } from './uses.ts';
import type { ContextName, Declared, Viewer } from './viewer.ts';
import { itemContexts, runContexts } from './viewer.ts';

/** What the viewers of one cluster see it with. */
export interface Sights {
  readonly file: SourceFile;
  readonly declared: Declared;
  readonly run: Graph;
  readonly chain: Graph;
  readonly cardinalityOf: CardinalityOf;
  readonly failure: { readonly from: StepId | null; readonly per: 'item' | 'run'; readonly wrong: boolean };
}

/** The viewers of the templates of one cluster. */
export interface Viewers {
  /** A step of `satellites`. */
  ofStep(step: Linked): Viewer;
  /** A step of the failure chain. */
  ofFailureStep(step: Linked): Viewer;
  /** A step of `logs`. */
  ofLogStep(step: Linked): Viewer;
  /** `cluster.outputs`. */
  ofOutputs(): Viewer;
  /** What is asked before there is an execution: `run-name`, `concurrency`, a webhook's filter. */
  ofRun(name: string, contexts?: readonly ContextName[]): Viewer;
}

const none: Sight = { kind: 'none' };
const list: Sight = { kind: 'list' };

export function createViewers(sights: Sights): Viewers {
  const { run, chain, cardinalityOf, failure } = sights;
  const runBroken = run.steps.some(({ broken }) => broken);
  const seeFailure = failureSight(sights);
  const viewer = (
    own: Omit<Viewer, 'file' | 'declared' | 'statusFunctions' | 'failure' | 'uses'> & Partial<Pick<Viewer, 'failure'>>,
  ): Viewer => ({
    file: sights.file,
    declared: sights.declared,
    statusFunctions: false,
    failure: 'none',
    uses: createUses(),
    ...own,
  });
  return {
    ofStep: (step) =>
      viewer({
        name: `Step '${step.identifier}'`,
        contexts: contextsOf('satellites', 'item', 'execution'),
        secrets: true,
        see: sightFrom(step, run, cardinalityOf),
        namesOnly: step.broken,
      }),
    ofFailureStep: (step) =>
      viewer({
        name: `Failure step '${step.identifier}'`,
        contexts: contextsOf(...itemContexts),
        secrets: true,
        failure: failure.per,
        see: (target) => seeFailure(step, target),
        namesOnly: step.broken || runBroken || failure.wrong,
      }),
    ofLogStep: (step) => {
      const see = (target: StepId): Sight => (run.find(target) === undefined && chain.find(target) === undefined ? none : list);
      return viewer({ name: `Log step '${step.identifier}'`, contexts: contextsOf('satellites'), secrets: true, see, namesOnly: false });
    },
    ofOutputs: () => {
      const see = sightOfRun(run, cardinalityOf);
      return viewer({ name: 'An output of the cluster', contexts: contextsOf('satellites'), secrets: false, see, namesOnly: runBroken });
    },
    ofRun: (name, contexts = runContexts) =>
      viewer({ name, contexts: new Set([...contexts, 'secrets'] as const), secrets: false, see: () => none, namesOnly: false }),
  };
}

/** A failure step sees the failed item's lineage, and the steps of its chain that come before it. */
function failureSight({ run, chain, cardinalityOf, failure }: Sights): (step: Linked, target: StepId) => Sight {
  const seeLineage = sightOfFailure({ graph: run, range: failureRange(run, failure.from), per: failure.per, cardinalityOf });
  return (step, target) => {
    if (chain.find(target) === undefined) return seeLineage(target);
    return chain.isAncestor(target, step.identifier) ? { kind: 'once', cardinality: cardinalityOf(target) } : none;
  };
}

function contextsOf(...more: readonly ContextName[]): ReadonlySet<ContextName> {
  return new Set([...runContexts, 'secrets', ...more]);
}
