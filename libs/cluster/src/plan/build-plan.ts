import type { Concurrency, FailurePlan, InputDeclaration, Json, Plan, PlanStep, TemplateNode, Tolerance, Trigger } from '@exosphere/model';
import { InternalError, asId } from '@exosphere/model';
import type { CheckedSteps, ReadyStep } from '../check/check-cluster.ts';
import { failureRange } from '../check/failure-sight.ts';
import { defaultRetries, retryPolicy } from '../check/retry-policy.ts';
import type { ClusterSource } from '../read/cluster-shape.ts';
import type { Found } from '../read/shape.ts';
import type { Defaults } from './plan-step.ts';
import { planStep } from './plan-step.ts';

/** A cluster without errors, in the parts that its plan is made of. */
export interface Parts {
  readonly source: ClusterSource;
  /** `project/name`. */
  readonly identifier: string;
  readonly steps: CheckedSteps;
  readonly triggers: readonly Trigger[];
  readonly inputs: Readonly<Record<string, InputDeclaration>>;
  readonly secrets: readonly string[];
  readonly outputs: Readonly<Record<string, TemplateNode>>;
}

/** The plan of a cluster that was found to have no errors. */
export function buildPlan(parts: Parts): Plan {
  const { source, steps } = parts;
  const all = [...steps.satellites, ...steps.failure, ...steps.logs];
  const defaults: Defaults = {
    retries: retryPolicy(source.retries, defaultRetries),
    timeoutMs: source.timeout?.value.ms ?? null,
    order: all.map(({ linked }) => linked.identifier),
  };
  const planned = (some: readonly ReadyStep[]): readonly PlanStep[] => some.map((step) => planStep(step, known(step.resolved), defaults));
  return {
    format: 1,
    identifier: asId(parts.identifier),
    title: source.title?.value ?? null,
    description: source.description?.value ?? null,
    labels: valuesOf(source.labels),
    runName: source['run-name']?.value ?? null,
    slaMs: known(source.sla?.value.ms),
    sla: known(source.sla?.value.text),
    onSlaMiss: source['on-sla-miss']?.value ?? 'continue',
    triggers: parts.triggers,
    inputs: parts.inputs,
    vars: valuesOf<Json>(source.vars),
    secrets: parts.secrets,
    concurrency: concurrencyOf(source),
    steps: planned(steps.satellites),
    failure: failureOf(source, steps, planned(steps.failure)),
    logs: planned(steps.logs),
    outputs: parts.outputs,
  };
}

/** What a cluster without errors always has. */
function known<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new InternalError('a cluster without errors lacks a part of its plan');
  return value;
}

function valuesOf<T>(record: Found<ReadonlyMap<string, Found<T>>> | undefined): Readonly<Record<string, T>> {
  return Object.fromEntries([...(record?.value ?? [])].map(([key, { value }]) => [key, value]));
}

function concurrencyOf({ concurrency }: ClusterSource): Concurrency | null {
  if (concurrency === undefined) return null;
  if (typeof concurrency.value === 'string') return { group: concurrency.value, limit: 1, onConflict: 'queue' };
  const { group, limit, 'on-conflict': onConflict } = concurrency.value;
  return { group: known(group).value, limit: limit?.value ?? 1, onConflict: onConflict?.value ?? 'queue' };
}

function failureOf({ failure }: ClusterSource, { run, from }: CheckedSteps, steps: readonly PlanStep[]): FailurePlan | null {
  if (failure === undefined) return null;
  const { per, tolerate } = failure.value;
  return { from, per: per?.value ?? 'item', tolerate: toleranceOf(tolerate?.value), range: failureRange(run, from), steps };
}

function toleranceOf(tolerate: { readonly kind: 'percent' | 'count'; readonly amount: number } | undefined): Tolerance | null {
  if (tolerate === undefined) return null;
  return tolerate.kind === 'percent' ? { kind: 'percent', percent: tolerate.amount } : { kind: 'count', count: tolerate.amount };
}
