import type { LockedSatellite, Plan, PlanStep, StepId, StepRead } from '@exosphere/model';

/** A plan in the terms of whoever looks at it: how often steps run, what they wait for, what they read, which secrets are needed. */
export interface PlanDescription {
  readonly identifier: string;
  readonly steps: readonly StepDescription[];
  readonly edges: readonly Edge[];
  readonly secrets: readonly SecretDescription[];
}

export interface StepDescription {
  readonly identifier: StepId;
  readonly section: PlanStep['section'];
  readonly satellite: LockedSatellite;
  /** The steps for each of whose objects it runs, outermost first; empty: once (per item of the trigger, or per failed item). */
  readonly perObjectOf: readonly StepId[];
  readonly reads: readonly StepRead[];
  readonly secrets: readonly string[];
}

/** `collects`: the later step waits for everything of the earlier one in its scope. */
export interface Edge {
  readonly from: StepId;
  readonly to: StepId;
  readonly kind: 'needs' | 'collects';
}

export interface SecretDescription {
  readonly name: string;
  readonly declared: boolean;
  /** The steps that it is granted to. */
  readonly steps: readonly StepId[];
}

/** Describes a plan: what `exo plan` prints. */
export function describePlan(plan: Plan): PlanDescription {
  const steps = [...plan.steps, ...(plan.failure?.steps ?? []), ...plan.logs];
  return {
    identifier: plan.identifier,
    steps: steps.map((step) => describeStep(step, plan)),
    edges: steps.flatMap(edgesTo),
    secrets: secretsOf(plan, steps),
  };
}

function describeStep({ identifier, section, satellite, path, reads, grants }: PlanStep, plan: Plan): StepDescription {
  const many = plan.steps.filter((step) => step.satellite.cardinality === 'many').map((step) => step.identifier);
  return { identifier, section, satellite, perObjectOf: path.filter((step) => many.includes(step)), reads, secrets: grants };
}

function edgesTo({ identifier, needs, collect }: PlanStep): readonly Edge[] {
  return needs.map((need) => ({ from: need, to: identifier, kind: collect === null ? 'needs' : 'collects' }));
}

function secretsOf(plan: Plan, steps: readonly PlanStep[]): readonly SecretDescription[] {
  const names = new Set([...plan.secrets, ...steps.flatMap(({ grants }) => grants), ...webhookSecrets(plan)]);
  return [...names].sort().map((name) => ({
    name,
    declared: plan.secrets.includes(name),
    steps: steps.filter(({ grants }) => grants.includes(name)).map(({ identifier }) => identifier),
  }));
}

function webhookSecrets({ triggers }: Plan): readonly string[] {
  return triggers.flatMap((trigger) => (trigger.kind === 'webhook' && trigger.secret !== null ? [trigger.secret] : []));
}
