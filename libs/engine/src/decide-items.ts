import type { ExecutionKey } from '@exosphere/model';
import type { GateRow } from '@exosphere/ports';
import type { Decision, Standing, Step } from '@exosphere/run-machine';
import { decideGate, decideStep, emptyTally, idempotencyKey, isCancelling, isOverdue } from '@exosphere/run-machine';
import { engineRecord } from './execution-records.ts';
import { childRunId } from './child-run-id.ts';
import type { Item } from './item.ts';
import { itemKey } from './item.ts';
import { cancelled, collectedOf, skipped, unmet } from './outcomes.ts';
import type { ShardPlace } from './shard-place.ts';

/** An item that goes on to be prepared. */
export interface Admitted {
  readonly item: Item;
  /** What its status functions say. Null: its `if` was asked before. */
  readonly standing: Standing;
  readonly asks: boolean;
  readonly collected: readonly number[] | null;
}

/** Decides the items of one step; those that need no attempt are ended here. */
export async function decideItems(place: ShardPlace, step: Step, items: readonly Item[]): Promise<readonly Admitted[]> {
  const gates = await readGates(place, items);
  const admitted: Admitted[] = [];
  for (const item of items) {
    const gate = item.isGate ? gates.get(gateKey(item)) : null;
    const one = decideItem(place, step, item, gate ?? null);
    if (one !== null) admitted.push(one);
  }
  if (step.plan.satellite.reference.startsWith('cluster/')) await cancelInner(place, step, items, admitted);
  return admitted;
}

/** A cancel goes down to the runs that a cluster as a step has started. */
async function cancelInner(place: ShardPlace, step: Step, items: readonly Item[], admitted: readonly Admitted[]): Promise<void> {
  if (!isCancelling(place.run.control)) return;
  const { id } = place.run.row;
  for (const item of items.filter((one) => !admitted.some((other) => other.item === one))) {
    const key = idempotencyKey(id, place.run.graph, { step, path: item.path, origin: item.origin, keyRound: item.keyRound });
    await place.desk.ledger.control(childRunId(id, key), 'cancelling');
  }
}

async function readGates(place: ShardPlace, items: readonly Item[]): Promise<ReadonlyMap<string, GateRow>> {
  const gates = items.filter((item) => item.isGate);
  if (gates.length === 0) return new Map();
  const keys = gates.map((item): ExecutionKey => ({
    step: item.step,
    path: item.path,
    origin: item.origin,
    round: item.origin === -1 ? 0 : item.keyRound,
  }));
  const rows = await place.desk.ledger.readGates(place.run.row.id, keys);
  const byKey = new Map(rows.map((row) => [itemKey(row), row]));
  for (const item of gates) item.made ??= byKey.get(gateKey(item))?.decidedAt ?? place.run.row.acceptedAt;
  if (place.run.row.round > 1) await countAttempts(place, gates);
  return byKey;
}

function gateKey(item: Item): string {
  return itemKey({ ...item, keyRound: item.origin === -1 ? 0 : item.keyRound });
}

/** A gate that is asked anew in a later round counts its attempts on. */
async function countAttempts(place: ShardPlace, gates: readonly Item[]): Promise<void> {
  for (const item of gates.filter((one) => one.attempts === 0)) {
    const { step, origin, path } = item;
    const [last] = await place.desk.ledger.readLastAttempts({ run: place.run.row.id, step, origin, keyRound: null, paths: [path] });
    item.attempts = last ?? 0;
    item.spent = item.attempts;
  }
}

function decideItem(place: ShardPlace, step: Step, item: Item, row: GateRow | null): Admitted | null {
  const control = place.run.control;
  const tally = row?.tally ?? emptyTally(step.gate?.needs.length ?? 0);
  const gate = item.isGate ? step.gate : null;
  const decision: Decision =
    gate === null ? decideStep(step, item.branch, control) : decideGate(step, gate, { tally, branch: item.branch, control });
  const collected = gate === null ? null : collectedOf(step, tally);
  const now = place.desk.clock.now();
  switch (decision.kind) {
    case 'run':
      return { item, standing: decision.standing, asks: false, collected };
    case 'ask':
      return { item, standing: decision.standing, asks: true, collected };
    case 'cancel':
      place.add({ kind: 'ended', item, outcome: cancelled(item, step, isOverdue(control) ? place.run.graph.plan : null, now), texts: [] });
      return null;
    case 'skip':
      place.add({ kind: 'ended', item, outcome: skipped(item, decision.branch, now), texts: [] });
      return null;
    case 'unmet':
      place.log(engineRecord(place, item, { level: 'error', message: decision.message, fields: { code: 'collect-unmet' } }));
      place.add({ kind: 'ended', item, outcome: unmet({ item, step, now }, decision, collected ?? []), texts: [] });
      return null;
    case 'pass-over':
      place.add({ kind: 'passed-over', item });
      return null;
  }
}
