import type { StepId } from '@exosphere/model';
import type { Graph, Linked } from './graph.ts';
import type { CardinalityOf, Sight } from './sight.ts';
import { sightFrom } from './sight.ts';

/** The steps whose failures start the chain: `from` and what descends from it by needs, or every step (rule 39). */
export function failureRange(graph: Graph, from: StepId | null): readonly StepId[] {
  const all = graph.steps.map(({ identifier }) => identifier);
  return from === null ? all : all.filter((step) => step === from || graph.isAncestor(from, step));
}

export interface FailureSights {
  readonly graph: Graph;
  readonly range: readonly StepId[];
  readonly per: 'item' | 'run';
  readonly cardinalityOf: CardinalityOf;
}

/**
 * What a failure chain sees of the steps of the run (rules 41, 42). Which step fails is not known here, so a step is seen as the
 * failed step that sees most of it would see it; where another one failed, the engine gives null for what is not on its lineage.
 */
export function sightOfFailure({ graph, range, per, cardinalityOf }: FailureSights): (step: StepId) => Sight {
  const failing = range.map((name) => graph.find(name)).filter((step) => step !== undefined);
  const views = failing.map((step) => ({ step, see: sightFrom(step, graph, cardinalityOf) }));
  const known = new Map<StepId, Sight>();
  return (step) => {
    const sight = known.get(step) ?? best(views.map((view) => viewOf(view, step)));
    known.set(step, sight);
    return per === 'run' && sight.kind !== 'none' ? { kind: 'list' } : sight;
  };
}

/** The failed step itself is on its lineage, with no output. */
function viewOf({ step, see }: { step: Linked; see: (step: StepId) => Sight }, target: StepId): Sight {
  return step.identifier === target ? { kind: 'lineage', fansOut: false } : see(target);
}

function best(sights: readonly Sight[]): Sight {
  const fansOut = sights.some((sight) => sight.kind === 'lineage' && sight.fansOut);
  if (sights.some(({ kind }) => kind === 'lineage')) return { kind: 'lineage', fansOut };
  return sights.find(({ kind }) => kind === 'once') ?? sights.find(({ kind }) => kind === 'list') ?? { kind: 'none' };
}
