import type { RunId, WorkerId } from '@exosphere/model';
import { InternalError } from '@exosphere/model';
import type { CountDelta, GateDelta, GateRow, RunControl } from '@exosphere/ports';
import type { Memory, MemoryShard } from './memory.ts';
import { leaseMs, lookAgainMs, resultsOf } from './memory.ts';
import { compareKeys } from './rows-by-key.ts';

/** What changes to gates come to. */
export interface GatePlan {
  readonly gates: readonly GateRow[];
  /** Items that came after their gate was decided. */
  readonly late: readonly CountDelta[];
  /** Of `gates`, those that are decided now. */
  readonly decided: readonly GateRow[];
}

/** What changes to gates are decided by. */
export interface GateSight {
  readonly gate: (change: GateDelta) => GateRow | undefined;
  readonly control: (run: RunId) => RunControl;
  readonly now: number;
}

/** Decides what becomes of gates; changes nothing. */
export function planGates(changes: readonly GateDelta[], sight: GateSight): GatePlan {
  const outcomes = perGate(changes).map((change) => planGate(change, sight));
  return {
    gates: outcomes.map(({ gate }) => gate),
    late: outcomes.flatMap(({ late }) => late),
    decided: outcomes.filter(({ isDecided }) => isDecided).map(({ gate }) => gate),
  };
}

function perGate(changes: readonly GateDelta[]): readonly GateDelta[] {
  const sums = new Map<string, GateDelta>();
  for (const change of changes) {
    const key = `${change.run}|${change.step}|${change.path.join('.')}|${change.origin}|${change.keyRound}`;
    const sum = sums.get(key);
    const added = { open: (sum?.open ?? 0) + change.open, late: (sum?.late ?? 0) + change.late };
    sums.set(key, { ...(sum ?? change), ...added, tally: sum === undefined ? change.tally : addedUp(sum.tally, change.tally) });
  }
  return [...sums.values()].sort(compareKeys);
}

function planGate(
  change: GateDelta,
  { gate: gateOf, control, now }: GateSight,
): { readonly gate: GateRow; readonly late: readonly CountDelta[]; readonly isDecided: boolean } {
  const { run, step, path, origin, keyRound, branch } = change;
  const made = { run, step, path: [...path], origin, keyRound, branch, decided: false, decidedAt: null };
  const before = gateOf(change) ?? { ...made, open: change.initial, tally: [] };
  const gate = { ...before, open: before.open + change.open, tally: addedUp(before.tally, change.tally) };
  if (before.decided) return { gate, isDecided: false, late: change.late === 0 ? [] : [{ run, step, kind: 'late', add: change.late }] };
  if (gate.open > 0 || !mayFire(control(run), change.fires)) return { gate, isDecided: false, late: [] };
  if (gate.open < 0) throw new InternalError(`the gate ${step} at [${path.join()}] has ${gate.open} executions before it`);
  return { gate: { ...gate, decided: true, decidedAt: now }, isDecided: true, late: [] };
}

/** Rules 47 and 49. */
function mayFire(control: RunControl, fires: GateDelta['fires']): boolean {
  return control === 'go' || control === 'paused' || (fires === 'always' && control !== 'overdue-all' && control !== 'cancelling-all');
}

function addedUp(a: readonly number[], b: readonly number[]): readonly number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => (a[i] ?? 0) + (b[i] ?? 0));
}

export function keepGates(memory: Memory, gates: readonly GateRow[]): void {
  for (const gate of gates) resultsOf(memory, gate.run).gates.set(gate, Object.freeze(gate));
}

/** Makes one shard per run of decided gates: held by the worker, or by nobody. */
export function makeGateShards(
  memory: Memory,
  decided: readonly GateRow[],
  { worker, priority }: { readonly worker: WorkerId | null; readonly priority: number },
): readonly MemoryShard[] {
  const now = memory.now();
  const byRun = Map.groupBy(decided, (gate) => gate.run);
  return [...byRun].map(([run, gates]) => {
    const id = memory.newShardId();
    const members = `[${gates.map(memberText).join(',')}]`;
    const nothing = { losses: 0, dueAt: null, limit: null, permits: null, running: '', waits: [] };
    const work = { id, run, members, size: gates.length, priority, ...nothing };
    const free = { epoch: 0, owner: null, leaseUntil: null, lookAt: now + lookAgainMs };
    const leased = { epoch: 1, owner: worker, leaseUntil: now + leaseMs, lookAt: now + leaseMs };
    const shard = { ...work, ...(worker === null ? free : leased) };
    memory.shards.set(id, shard);
    return shard;
  });
}

/** In the form of run-machine's member list. */
function memberText({ step, path, origin, keyRound, branch }: GateRow): string {
  const special = {
    ...(branch === 'live' ? {} : { b: branch }),
    ...(origin === -1 ? {} : { o: origin }),
    ...(keyRound === 0 ? {} : { n: keyRound }),
  };
  return JSON.stringify({ s: step, p: path, ...special, g: 1 });
}
