import type { RunId, ShardId } from '@exosphere/model';
import { InternalError } from '@exosphere/model';
import type { CommitBatch, CommitOutcome, CommitShard } from '@exosphere/ports';
import type { FailurePlan } from './counters.ts';
import { keepCounts, keepFailures, planFailures, stopping } from './counters.ts';
import type { GatePlan } from './gates.ts';
import { keepGates, makeGateShards, planGates } from './gates.ts';
import { asClaimed, fenced } from './leases.ts';
import { announce, checkNewShards, makeShards, waitingForPermits, wakeShards } from './make-shards.ts';
import type { Memory, MemoryShard } from './memory.ts';
import { resultsOf, runOf, shardsOf } from './memory.ts';
import { checkRows, keepRows } from './rows.ts';

/** Everything of a batch that had to be decided before any of it could be kept. */
interface CommitPlan {
  readonly held: readonly MemoryShard[];
  readonly failures: FailurePlan;
  readonly gates: GatePlan;
}

/** Records a batch, or nothing of it. */
export function commit(memory: Memory, batch: CommitBatch): CommitOutcome {
  const held = batch.shards.flatMap((shard) => fenced(memory, shard.id, shard.epoch) ?? []);
  const stale = staleOf(batch.shards, held);
  if (stale.length > 0) return { kind: 'stale', shards: stale };
  const gone = goneBlobs(memory, batch.shards);
  if (gone.length > 0) return { kind: 'blob-gone', digests: gone };
  const plan = planCommit(memory, batch, held);
  const fired = keepCommit(memory, batch, plan);
  memory.changed();
  if (batch.newShards.some((shard) => !shard.keep)) memory.tellOfWork();
  return {
    kind: 'committed',
    fired: fired.map(asClaimed),
    settled: [...runsOf(batch.shards.filter((shard) => shard.size === 0))].filter((run) => shardsOf(memory, run).length === 0),
    controls: new Map([...runsOf(batch.shards)].map((run) => [run, runOf(memory, run).control])),
    at: memory.now(),
  };
}

function staleOf(shards: readonly CommitShard[], held: readonly MemoryShard[]): readonly ShardId[] {
  const ids = new Set(held.map((shard) => shard.id));
  if (ids.size < held.length) throw new InternalError('a batch has a shard twice');
  return shards.map((shard) => shard.id).filter((id) => !ids.has(id));
}

function goneBlobs(memory: Memory, shards: readonly CommitShard[]): readonly string[] {
  const named = shards.flatMap(({ run, blobs }) => blobs.map((digest) => ({ digest, project: runOf(memory, run).project })));
  return [...new Set(named.filter(({ digest, project }) => !memory.blobs.has(`${project}|${digest}`)).map(({ digest }) => digest))];
}

function planCommit(memory: Memory, { shards, newShards }: CommitBatch, held: readonly MemoryShard[]): CommitPlan {
  checkNewShards(memory, newShards);
  checkRows(memory, shards);
  const failures = planFailures(memory, shards.flatMap((shard) => shard.failures)); // prettier-ignore
  const gates = planGates(
    shards.flatMap((shard) => shard.gates),
    {
      gate: (change) => resultsOf(memory, change.run).gates.get(change),
      control: (id) => (failures.exceeded.has(id) ? stopping(runOf(memory, id)) : runOf(memory, id)).control,
      now: memory.now(),
    },
  );
  return { held, failures, gates };
}

function keepCommit(memory: Memory, { shards, newShards }: CommitBatch, plan: CommitPlan): readonly MemoryShard[] {
  for (const [index, shard] of plan.held.entries()) keepMembers(memory, shard, shards[index]);
  for (const shard of shards) keepRows(memory, shard);
  keepFailures(memory, plan.failures);
  keepGates(memory, plan.gates.gates);
  const worker = plan.held[0]?.owner ?? null;
  const priority = Math.min(...plan.held.map((shard) => shard.priority));
  const fired = makeGateShards(memory, plan.gates.decided, { worker, priority });
  keepCounts(memory, [...shards.flatMap((shard) => shard.counts), ...plan.gates.late]);
  makeShards(memory, worker, newShards);
  announce(memory, newShards);
  const done = plan.held.filter((shard) => !memory.shards.has(shard.id));
  wakeShards(memory, waitingForPermits(memory, done));
  return fired;
}

function keepMembers(memory: Memory, shard: MemoryShard, written: CommitShard | undefined): void {
  if (written === undefined || written.size === 0) memory.shards.delete(shard.id);
  else memory.shards.set(shard.id, { ...shard, members: written.members, size: written.size });
}

function runsOf(shards: readonly CommitShard[]): ReadonlySet<RunId> {
  return new Set(shards.map((shard) => shard.run));
}
