import type { ExecutionKey, JsonObject, Plan, RunId } from '@exosphere/model';
import type { GateRow, Ledger, RunRow } from '@exosphere/ports';
import type { Memory } from './memory.ts';
import { isHeld, shardsOf } from './memory.ts';

export function readRun(memory: Memory, id: RunId): RunRow | null {
  const run = memory.runs.get(id);
  if (run === undefined) return null;
  const { number, project, cluster, revision, environment, status, round, items, acceptedAt, deadline, endedAt, logs, reason, origin } =
    run;
  return {
    ...{ id, number, project, cluster, revision, environment, status, control: run.control, round, items, acceptedAt, deadline, endedAt },
    ...{ late: (endedAt ?? memory.now()) > deadline, logs, reason, origin },
    trigger: JSON.parse(run.trigger) as JsonObject, // written by createRun
    inputs: JSON.parse(run.inputs) as JsonObject, // written by createRun
  };
}

export function readPlan(memory: Memory, revision: string): Plan | null {
  const plan = memory.plans.get(revision);
  return plan === undefined ? null : (JSON.parse(plan) as Plan); // written by createRun
}

export function hasRunChain(memory: Memory, id: RunId): boolean {
  const run = memory.runs.get(id);
  return run !== undefined && run.chainRound === run.round;
}

export function readOpen(memory: Memory, run: RunId): Awaited<ReturnType<Ledger['readOpen']>> {
  const now = memory.now();
  const shards = [...shardsOf(memory, run)].sort((a, b) => (a.id < b.id ? -1 : 1));
  return shards.map((shard) => {
    const { members, size, running, dueAt } = shard;
    const held = isHeld(shard, now);
    return { members, size, held, running: held ? running : '', dueAt };
  });
}

/** Those that there are, in the order of the question. */
export function readGates(memory: Memory, run: RunId, gates: readonly ExecutionKey[]): readonly GateRow[] {
  return gates.flatMap(({ round: keyRound, ...key }) => memory.results.get(run)?.gates.get({ ...key, keyRound }) ?? []);
}
