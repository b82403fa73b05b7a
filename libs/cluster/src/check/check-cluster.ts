import type { StepId } from '@exosphere/model';
import type { ClusterSource } from '../read/cluster-shape.ts';
import { didYouMean, hintOf } from '../read/closest-name.ts';
import type { SourceFile } from '../read/source-file.ts';
import type { Found } from '../read/shape.ts';
import { warnOfAlternatives, warnOfUnreachable } from './check-joins.ts';
import type { CheckedStep } from './check-step.ts';
import { checkStep } from './check-step.ts';
import type { DeclaredSecrets } from './declared-secrets.ts';
import type { Graph, Linked } from './graph.ts';
import { finder } from './graph.ts';
import { linkSteps } from './link-steps.ts';
import type { NamedStep, NamedSteps } from './named-steps.ts';
import type { Resolved } from './resolve-uses.ts';
import { resolveUses } from './resolve-uses.ts';
import type { Catalog } from './catalog.ts';
import type { Viewer } from './viewer.ts';
import type { Viewers } from './viewers.ts';
import { createViewers } from './viewers.ts';

/** A step with all that a plan says of it; `resolved` is null where what it uses is not known. */
export interface ReadyStep {
  readonly linked: Linked;
  readonly resolved: Resolved | null;
  readonly checked: CheckedStep;
  readonly viewer: Viewer;
}

/** The steps of a cluster, checked. */
export interface CheckedSteps {
  readonly run: Graph;
  readonly chain: Graph;
  readonly satellites: readonly ReadyStep[];
  readonly failure: readonly ReadyStep[];
  readonly logs: readonly ReadyStep[];
  readonly from: StepId | null;
  readonly viewers: Viewers;
}

/** What the steps of a cluster are checked with. */
export interface StepChecking {
  readonly file: SourceFile;
  readonly catalog: Catalog;
  /** `project/name` of the cluster. */
  readonly identifier: string;
  readonly secrets: DeclaredSecrets;
}

/** Links the steps of a cluster and checks what they say. */
export function checkSteps(cluster: ClusterSource, named: NamedSteps, { file, catalog, identifier, secrets }: StepChecking): CheckedSteps {
  const { report } = file;
  const run = linkSteps(named.satellites, report, elsewhereIn({ 'a failure step': named.failure, 'a log step': named.logs }));
  const chain = linkSteps(
    named.failure,
    report,
    elsewhereIn({ 'no step of the failure chain': named.satellites, 'a log step': named.logs }),
  );
  const logs = linkSteps(named.logs, report, () => null);
  const resolved = new Map(
    [...run.steps, ...chain.steps, ...logs.steps].map((step) => [
      step.identifier,
      resolveUses(step, { catalog, cluster: identifier, report }),
    ]),
  );
  const source = cluster.failure?.value;
  const from = source?.from === undefined ? null : findFrom(source.from, run, file);
  const all = [...named.satellites, ...named.failure, ...named.logs];
  const viewers = createViewers({
    file,
    declared: declaredBy(cluster, { steps: all, secrets: secrets.names }),
    run,
    chain,
    cardinalityOf: (step) => resolved.get(step)?.locked.cardinality ?? 'one',
    failure: { from, per: source?.per?.value ?? 'item', wrong: source?.from !== undefined && from === null },
  });
  const ready = (steps: readonly Linked[], viewerOf: (step: Linked) => Viewer): readonly ReadyStep[] =>
    steps.map((linked) => {
      const viewer = viewerOf(linked);
      const what = resolved.get(linked.identifier) ?? null;
      return { linked, resolved: what, viewer, checked: checkStep(linked, what, viewer) };
    });
  const satellites = ready(run.steps, (step) => viewers.ofStep(step));
  const failure = ready(chain.steps, (step) => viewers.ofFailureStep(step));
  warn(run, satellites, file);
  warn(chain, failure, file);
  return { run, chain, satellites, failure, logs: ready(logs.steps, (step) => viewers.ofLogStep(step)), from, viewers };
}

function warn(graph: Graph, steps: readonly ReadyStep[], { report }: SourceFile): void {
  const conditions = new Map(steps.map(({ linked, checked }) => [linked, checked.condition]));
  const conditionOf = (step: Linked): CheckedStep['condition'] => conditions.get(step) ?? null;
  warnOfAlternatives(graph, conditionOf, report);
  warnOfUnreachable(graph, conditionOf, report);
}

/** Says what a name is that stands in another section. */
function elsewhereIn(sections: Readonly<Record<string, readonly NamedStep[]>>): (name: string) => string | null {
  const finders = Object.entries(sections).map(([what, steps]) => ({ what, find: finder(steps) }));
  return (name) => {
    const other = finders.find(({ find }) => find(name) !== undefined);
    return other === undefined ? null : `which is ${other.what}`;
  };
}

function findFrom(from: Found<string>, run: Graph, { report }: SourceFile): StepId | null {
  const step = run.find(from.value);
  if (step !== undefined) return step.identifier;
  const hint = hintOf(
    from.value,
    run.steps.map(({ identifier }) => identifier),
  );
  const message = `The failure chain starts from '${from.value}', which is no step of satellites.${didYouMean(hint.hint)}`;
  report.error('unknown-step', from, message, { found: from.value, ...hint });
  return null;
}

function declaredBy(
  cluster: ClusterSource,
  { steps, secrets }: { readonly steps: readonly NamedStep[]; readonly secrets: readonly string[] },
): Viewer['declared'] {
  const find = finder(steps);
  return {
    inputs: [...(cluster.inputs?.value.keys() ?? [])],
    vars: [...(cluster.vars?.value.keys() ?? [])],
    secrets,
    steps: steps.map(({ identifier }) => identifier),
    findStep: (name) => find(name)?.identifier,
  };
}
