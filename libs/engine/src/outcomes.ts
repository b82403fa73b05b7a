import type { Branch, ExecutionError, Json, JsonObject } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import type { AttemptRow, SatelliteError } from '@exosphere/ports';
import type { Standing, Step } from '@exosphere/run-machine';
import { tallyOf } from '@exosphere/run-machine';
import type { Item } from './item.ts';
import type { Outcome } from './outcome.ts';
import type { Refusal } from './prepare-item.ts';
import type { RunInfo } from './run-info.ts';

/** The execution that ends, and when. */
export interface AtItsEnd {
  readonly item: Item;
  readonly step: Step;
  readonly now: number;
}

/** What an item has in common with every outcome of it. */
function base(item: Item, now: number): Outcome {
  return {
    status: 'completed',
    branch: item.branch,
    objects: [],
    streamed: 0,
    attempts: item.attempts,
    retries: Math.max(0, item.attempts - item.spent - 1),
    startedAt: item.startedAt,
    endedAt: now,
    error: null,
    metrics: null,
    note: null,
    collected: null,
    passes: false,
    failedAttempt: null,
  };
}

export interface Success {
  readonly objects: readonly JsonObject[];
  readonly streamed: number;
  readonly metrics: JsonObject | null;
  readonly collected: readonly number[] | null;
}

/** The last attempt of an item, which failed. */
export interface Failure {
  readonly attempt: AttemptRow;
  readonly error: SatelliteError;
  readonly streamed: number;
  readonly metrics: JsonObject | null;
  readonly collected: readonly number[] | null;
}

/** The attempt succeeded. `item.attempts` counts it already. */
export function completed(item: Item, branch: Branch, success: Success, now: number): Outcome {
  return { ...base(item, now), branch, ...success };
}

/** `overdue`: it is the SLA of its run that ended it. */
export function cancelled(item: Item, step: Step, overdue: { readonly sla: string } | null, now: number): Outcome {
  const error =
    overdue === null ? null : errorOf(step, { code: 'sla', message: `the run missed its SLA of ${overdue.sla}` }, item.attempts);
  return { ...base(item, now), status: 'cancelled', retries: 0, error };
}

/** Skipped for what came before it (a join). */
export function skipped(item: Item, branch: Branch, now: number): Outcome {
  return { ...base(item, now), status: 'skipped', branch, retries: 0 };
}

/** Its own `if` said no. With `on-skip: pass` the item goes on unchanged. */
export function skippedByCondition(item: Item, step: Step, standing: Standing, now: number): Outcome {
  const passes = step.plan.onSkip === 'pass' && standing.branch === 'live' && isJsonObject(item.object);
  const objects = passes && isJsonObject(item.object) ? [item.object] : [];
  return { ...base(item, now), status: 'skipped', branch: standing.branch, note: 'condition', retries: 0, objects, passes };
}

/** Somebody decided that this item is not needed. */
export function skippedByHand(item: Item, now: number): Outcome {
  return { ...base(item, now), status: 'skipped', note: 'condition', retries: 0 };
}

/** A collect that is not satisfied (rule 21). */
export function unmet(
  { item, step, now }: AtItsEnd,
  decision: { readonly message: string; readonly consequence: boolean },
  collected: readonly number[],
): Outcome {
  const error = { satellite: step.plan.identifier, message: decision.message, code: 'collect-unmet', attempts: 0 };
  return {
    ...base(item, now),
    status: 'failed',
    branch: 'failed',
    error,
    note: decision.consequence ? 'consequence' : 'unmet',
    collected,
    retries: 0,
  };
}

/** It fails without an attempt: its input, its templates or its secrets are wrong. */
export function refused({ item, step, now }: AtItsEnd, branch: Branch, refusal: Refusal): Outcome {
  const error = errorOf(step, refusal, item.attempts);
  return step.plan.continueOnError ? continued(item, branch, error, now) : { ...base(item, now), status: 'failed', branch, error };
}

/** Its attempts are used up, or the error is not to be retried. `item.attempts` counts the attempt already. */
export function failed({ item, step, now }: AtItsEnd, branch: Branch, failure: Failure): Outcome {
  const { attempt, error, ...details } = failure;
  const kept = errorOf(step, error, item.attempts);
  const outcome = step.plan.continueOnError
    ? continued(item, branch, kept, now)
    : { ...base(item, now), status: 'failed' as const, branch, error: kept };
  return { ...outcome, ...details, failedAttempt: attempt };
}

/** Rule 37: it ends completed, keeps its error, and hands on `{error}`. */
function continued(item: Item, branch: Branch, error: ExecutionError, now: number): Outcome {
  const plain = error as unknown as Json; // an ExecutionError is plain data
  return { ...base(item, now), branch, error, objects: [{ error: plain }], note: 'continued' };
}

function errorOf(step: Step, error: { message: string; code: string }, attempts: number): ExecutionError {
  return { satellite: step.plan.identifier, message: error.message, code: error.code, attempts };
}

/** How many executions of each need a collect gathered. */
export function collectedOf(step: Step, tally: readonly number[]): readonly number[] | null {
  if (step.gate?.kind !== 'collect') return null;
  return step.gate.needs.map((_, place) => tallyOf(tally, place).done);
}

/** The row of an attempt that failed. `item.attempts` counts it already. */
export function attemptRow(run: RunInfo, item: Item, error: SatelliteError, now: number): AttemptRow {
  const { step, path, origin, keyRound, attempts } = item;
  return {
    run: run.row.id,
    step,
    path,
    origin,
    keyRound,
    attempt: attempts,
    round: run.row.round,
    startedAt: item.startedAt ?? now,
    endedAt: now,
    error: JSON.stringify({ message: error.message, code: error.code, retryable: error.retryable }),
  };
}
