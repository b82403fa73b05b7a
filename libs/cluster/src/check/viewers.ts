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
  const common = { file: sights.file, declared: sights.declared, statusFunctions: false, secrets: true, failure: 'none' } as const;
  const seeLineage = sightOfFailure({ graph: run, range: failureRange(run, failure.from), per: failure.per, cardinalityOf });
  const seeChain = (step: Linked, target: StepId): Sight => {
    if (chain.find(target) === undefined) return seeLineage(target);
    return chain.isAncestor(target, step.identifier) ? { kind: 'once', cardinality: cardinalityOf(target) } : none;
  };
  return {
    ofStep: (step) => ({
      ...common,
      name: `Step '${step.identifier}'`,
      contexts: contextsOf('satellites', 'item', 'execution', 'secrets'),
      see: sightFrom(step, run, cardinalityOf),
      namesOnly: step.broken,
      uses: createUses(),
    }),
    ofFailureStep: (step) => ({
      ...common,
      name: `Failure step '${step.identifier}'`,
      contexts: contextsOf(...itemContexts, 'secrets'),
      failure: failure.per,
      see: (target) => seeChain(step, target),
      namesOnly: step.broken || runBroken || failure.wrong,
      uses: createUses(),
    }),
    ofLogStep: (step) => ({
      ...common,
      name: `Log step '${step.identifier}'`,
      contexts: contextsOf('satellites', 'secrets'),
      see: (target) => (run.find(target) === undefined && chain.find(target) === undefined ? none : list),
      namesOnly: false,
      uses: createUses(),
    }),
    ofOutputs: () => ({
      ...common,
      name: "The cluster's outputs",
      contexts: contextsOf('satellites', 'secrets'),
      secrets: false,
      see: sightOfRun(run, cardinalityOf),
      namesOnly: runBroken,
      uses: createUses(),
    }),
    ofRun: (name, contexts = runContexts) => ({
      ...common,
      name,
      contexts: new Set([...contexts, 'secrets']),
      secrets: false,
      see: () => none,
      namesOnly: false,
      uses: createUses(),
    }),
  };
}

function contextsOf(...more: readonly ContextName[]): ReadonlySet<ContextName> {
  return new Set([...runContexts, ...more]);
}
