import type { Json, JsonObject } from '@exosphere/model';
import type { ExecutionRow, GateDelta } from '@exosphere/ports';
import type { GateChange, Step } from '@exosphere/run-machine';
import { survives } from '@exosphere/run-machine';
import type { Item } from './item.ts';
import type { RunInfo } from './run-info.ts';
import type { Entry } from './shard-entries.ts';

/** Whether the objects of a step are kept in chunks: those of `many` are. */
export function isList(step: Step): boolean {
  return step.plan.satellite.cardinality === 'many';
}

/** The row of an execution that ended. */
export function executionRow(run: RunInfo, step: Step, item: Item, entry: Entry & { kind: 'ended' }): ExecutionRow {
  const { outcome, texts } = entry;
  const { path, origin, keyRound } = item;
  return {
    run: run.row.id,
    step: step.index,
    path,
    origin,
    keyRound,
    status: outcome.status,
    branch: outcome.branch,
    round: run.row.round,
    attempts: outcome.attempts,
    retries: outcome.retries,
    startedAt: outcome.startedAt,
    endedAt: outcome.endedAt,
    output: isList(step) ? null : (texts[0] ?? null),
    objects: outcome.streamed + outcome.objects.length,
    error: outcome.error === null ? null : JSON.stringify(outcome.error),
    metrics: outcome.metrics === null ? null : JSON.stringify(outcome.metrics),
    note: outcome.note,
    collected: outcome.collected,
  };
}

/** What an ending changes of a gate, as the ledger takes it. */
export function gateDelta(run: RunInfo, change: GateChange): GateDelta {
  const step = run.graph.steps[change.gate.step];
  // a chain goes on while its run is stopping; a gate that fires and may not run is passed over
  const fires = step !== undefined && (step.inChain || survives(step, 'cancelling')) ? 'always' : 'going';
  const { path, origin, keyRound, initial, open, tally, branch, late } = change;
  return { run: run.row.id, step: change.gate.step, path, origin, keyRound, initial, open, tally, branch, late, fires };
}

/** Two changes of one gate as one. */
export function addedUp(known: GateDelta, change: GateChange): GateDelta {
  return {
    ...known,
    open: known.open + change.open,
    tally: known.tally.map((amount, i) => amount + (change.tally[i] ?? 0)),
    late: known.late + change.late,
  };
}

/** Finds the digests of file values in an object, so that the commit keeps their blobs. */
export function collectBlobs(value: Json, found: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  const digest = (value as JsonObject)['file']; // lists have no such key
  if (typeof digest === 'string' && digest.startsWith('sha256:')) found.add(digest);
  const inner = Object.values(value) as readonly Json[]; // of a list or a mapping
  for (const one of inner) collectBlobs(one, found);
}
