import type { StepId } from '@exosphere/model';
import type { Graph, Linked } from './graph.ts';

/**
 * What a template sees of a step.
 *
 * `lineage`: one execution of it stands on the lineage; `fansOut`: it hands on many objects, of which the viewer's item is one.
 * `once`: it ran once in the viewer's scope. `list`: everything of it below the scope. `none`: it is not in reach.
 */
export type Sight =
  | { readonly kind: 'lineage'; readonly fansOut: boolean }
  | { readonly kind: 'once'; readonly cardinality: 'one' | 'many' }
  | { readonly kind: 'list' }
  | { readonly kind: 'none' };

/** How many objects a step hands on, by its manifest. */
export type CardinalityOf = (step: StepId) => 'one' | 'many';

/** Tells what one step sees of the others (rules 10, 23). */
export function sightFrom(viewer: Linked, graph: Graph, cardinalityOf: CardinalityOf): (step: StepId) => Sight {
  const near = reachedWithoutGathering(viewer, graph);
  return (step) => {
    if (!graph.isAncestor(step, viewer.identifier)) return { kind: 'none' };
    if (viewer.path.includes(step)) return { kind: 'lineage', fansOut: cardinalityOf(step) === 'many' };
    const target = graph.find(step);
    if (target === undefined || !near.has(step)) return { kind: 'list' };
    return ranOnce(target, viewer.path, cardinalityOf) ? { kind: 'once', cardinality: cardinalityOf(step) } : { kind: 'list' };
  };
}

/** What `cluster.outputs` sees: like a join at the scope of the run (rule 55). */
export function sightOfRun(graph: Graph, cardinalityOf: CardinalityOf): (step: StepId) => Sight {
  return (step) => {
    const target = graph.find(step);
    if (target === undefined) return { kind: 'none' };
    return ranOnce(target, [], cardinalityOf) ? { kind: 'once', cardinality: cardinalityOf(step) } : { kind: 'list' };
  };
}

/** Whether no step that returns many lies between a step and the path of its viewer (rule 10). */
function ranOnce(target: Linked, path: readonly StepId[], cardinalityOf: CardinalityOf): boolean {
  return target.path.every((above) => path.includes(above) || cardinalityOf(above) === 'one');
}

/** The ancestors that are reached without going through what a collect gathered: from a collect, the way goes on at its scope. */
function reachedWithoutGathering(viewer: Linked, graph: Graph): ReadonlySet<StepId> {
  const reached = new Set<StepId>();
  const open = [viewer];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    for (const name of edgesOf(step)) {
      const above = graph.find(name);
      if (above === undefined || reached.has(above.identifier)) continue;
      reached.add(above.identifier);
      open.push(above);
    }
  }
  return reached;
}

function edgesOf({ scope, needs }: Linked): readonly StepId[] {
  if (scope === null) return needs;
  return scope.kind === 'run' ? [] : [scope.step];
}
