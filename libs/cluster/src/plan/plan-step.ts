import type { Batch, Collect, CollectBears, PlanStep, RateLimit, RetryPolicy, StepId } from '@exosphere/model';
import { baseRetries } from '../check/check-step.ts';
import type { ReadyStep } from '../check/check-cluster.ts';
import type { Linked } from '../check/graph.ts';
import type { Resolved } from '../check/resolve-uses.ts';
import { retryPolicy } from '../check/retry-policy.ts';

/** What a step takes from its cluster where it says nothing itself. */
export interface Defaults {
  readonly retries: RetryPolicy;
  readonly timeoutMs: number | null;
  /** All steps that can be read, in the order in which `reads` lists them. */
  readonly order: readonly StepId[];
}

/** Time limit of one attempt where step, cluster and manifest have none. */
const defaultTimeoutMs = 15 * 60_000;

/** The step as the plan keeps it. */
export function planStep({ linked, checked, viewer }: ReadyStep, resolved: Resolved, defaults: Defaults): PlanStep {
  const { source } = linked;
  const { value } = source;
  noteNeeds(linked, checked.input !== null, viewer);
  return {
    identifier: linked.identifier,
    name: value.name?.value ?? null,
    section: linked.section,
    satellite: resolved.locked,
    config: checked.config,
    input: checked.input,
    secrets: checked.secrets,
    grants: viewer.uses.grants(),
    needs: linked.needs,
    ...(linked.section === 'satellites' ? { path: linked.path, rooted: linked.rooted } : { path: [], rooted: false }),
    collect: collectOf(linked),
    if: conditionOf(checked.condition),
    onSkip: value['on-skip']?.value ?? 'end',
    retries: retryPolicy(value.retries, baseRetries(resolved, defaults.retries)),
    timeoutMs: timeoutOf(linked, resolved, defaults),
    delayMs: value.delay?.value.ms ?? 0,
    maxParallel: value['max-parallel']?.value ?? null,
    rateLimit: rateLimitOf(linked),
    batch: batchOf(linked),
    continueOnError: value['continue-on-error']?.value ?? false,
    onAmbiguous: value['on-ambiguous']?.value ?? 'retry',
    fresh: value.fresh?.value ?? 'lease',
    reads: viewer.uses.reads(defaults.order),
  };
}

/** Without `input`, a join or collect gets each need's whole result (rule 9). */
function noteNeeds({ needs, scope }: Linked, hasInput: boolean, { see, uses }: ReadyStep['viewer']): void {
  if (hasInput || (needs.length < 2 && scope === null)) return;
  for (const need of needs) uses.read(need, see(need).kind === 'list' ? 'list' : 'whole', ['output']);
}

function conditionOf(condition: ReadyStep['checked']['condition']): PlanStep['if'] {
  if (condition === null) return null;
  const { source, callsStatusFunction, survivesCancel } = condition;
  return { source, callsStatusFunction, survivesCancel };
}

/** A cluster as a step may take as long as its own SLA says; other steps: step, cluster, manifest, 15 minutes. */
function timeoutOf({ source }: Linked, resolved: Resolved, { timeoutMs }: Defaults): number {
  const own = source.value.timeout?.value.ms;
  if (resolved.kind === 'cluster') return own ?? resolved.timeoutMs ?? defaultTimeoutMs;
  return own ?? timeoutMs ?? resolved.timeoutMs ?? defaultTimeoutMs;
}

function collectOf({ scope, source }: Linked): Collect | null {
  const collect = source.value.collect?.value;
  if (scope === null || collect === undefined) return null;
  return { per: scope, bears: typeof collect === 'string' ? { kind: 'all-succeeded' } : bearsOf(collect) };
}

function bearsOf({ when, min }: Exclude<NonNullable<Linked['source']['value']['collect']>['value'], string>): CollectBears {
  if (min === undefined) return { kind: when?.value ?? 'all-succeeded' };
  const { kind, amount } = min.value;
  return kind === 'percent' ? { kind: 'min-percent', percent: amount } : { kind: 'min-count', count: amount };
}

function rateLimitOf({ source }: Linked): RateLimit | null {
  const limit = source.value['rate-limit']?.value;
  if (limit?.limit === undefined) return null;
  return { limit: limit.limit.value, perMs: limit.per?.value.ms ?? 60_000, key: limit.key?.value ?? null };
}

function batchOf({ source }: Linked): Batch | null {
  const batch = source.value.batch?.value;
  return batch?.max === undefined ? null : { max: batch.max.value, waitMs: batch.wait?.value.ms ?? 0 };
}
