import type { StepId } from '@exosphere/model';
import type { ClusterSource } from '../read/cluster-shape.ts';
import type { Place, Report } from '../read/report.ts';
import type { StepSource } from '../read/step-shape.ts';
import { identifierPattern, writtenIdentifier } from '../read/step-shape.ts';

/** Where a step stands. */
export type Section = 'satellites' | 'failure' | 'logs';

/** A step with the name that it has in the plan. */
export interface NamedStep {
  readonly identifier: StepId;
  readonly section: Section;
  readonly source: StepSource;
}

/** All steps of a cluster; none has the name of another. */
export interface NamedSteps {
  readonly satellites: readonly NamedStep[];
  readonly failure: readonly NamedStep[];
  readonly logs: readonly NamedStep[];
}

/** Steps that a cluster may have, failure and log steps included. */
const mostSteps = 1_000;

/** Gives every step its identifier, and reports those that are missing, wrong or taken. Null: too many to go on. */
export function nameSteps(cluster: ClusterSource, report: Report): NamedSteps | null {
  const satellites = cluster.satellites?.value ?? [];
  const failure = cluster.failure?.value.satellites?.value ?? [];
  const logs = cluster.logs?.value.satellites?.value ?? [];
  const count = satellites.length + failure.length + logs.length;
  if (count > mostSteps) {
    const message = `The cluster has ${count} steps, at most ${mostSteps} are read. Give many items to one step, or use a cluster as a step.`;
    report.error('too-many-steps', { start: cluster.satellites?.start ?? 0, at: 'satellites' }, message, { found: count });
    return null;
  }
  const names = takenNames(report);
  const named = (section: Section, steps: readonly StepSource[]): readonly NamedStep[] =>
    steps.map((source, index) => ({ identifier: names.take(source, `step-${index + 1}`), section, source }));
  return { satellites: named('satellites', satellites), failure: named('failure', failure), logs: named('logs', logs) };
}

function takenNames(report: Report): { take(step: StepSource, otherwise: string): StepId } {
  const taken = new Map<string, StepId>();
  return {
    take: (step, otherwise) => {
      const identifier = writtenIdentifier(step.node);
      if (identifier === null) {
        refuseIdentifier(step, report);
        return otherwise;
      }
      const other = taken.get(identifier.toLowerCase());
      if (other === undefined) taken.set(identifier.toLowerCase(), identifier);
      else report.error('duplicate-identifier', identifierPlace(step), duplicateMessage(identifier, other), { found: identifier });
      return identifier;
    },
  };
}

function duplicateMessage(identifier: string, other: string): string {
  const same = identifier === other ? 'already the identifier' : `but for upper and lower case the identifier '${other}'`;
  return `'${identifier}' is ${same} of another step. Each step of satellites, logs and failure needs one of its own.`;
}

function identifierPlace(step: StepSource): Place {
  return step.value.identifier ?? step.value.uses ?? step;
}

/** Where `identifier` stands and is wrong, its shape has said so. */
function refuseIdentifier(step: StepSource, report: Report): void {
  const written = step.node.kind === 'map' && step.node.entries.some(({ key }) => key === 'identifier');
  const { uses } = step.value;
  if (written || uses === undefined) return;
  const name = uses.value.split('/').at(-1) ?? '';
  const message = `The step has no identifier, and '${name}' of its uses cannot be one (${identifierPattern.source}). Give it an identifier.`;
  report.error('bad-identifier', uses, message, { found: name });
}
