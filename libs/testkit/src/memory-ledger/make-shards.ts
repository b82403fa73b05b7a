import type { RunId, ShardId, WorkerId } from '@exosphere/model';
import { InternalError } from '@exosphere/model';
import type { NewShard } from '@exosphere/ports';
import type { Memory, MemoryShard } from './memory.ts';
import { leaseMs, lookAgainMs, runOf } from './memory.ts';

/** Refuses shards that cannot be made. They may name a run that is made with them. */
export function checkNewShards(memory: Memory, shards: readonly NewShard[], newRun?: RunId): void {
  const ids = new Set<ShardId>();
  for (const shard of shards) {
    if (shard.run !== newRun) runOf(memory, shard.run);
    if (memory.shards.has(shard.id) || ids.has(shard.id)) throw new InternalError(`there is a shard ${shard.id} already`);
    ids.add(shard.id);
  }
}

/** Writes new shards; one that is kept is leased to the worker at once. */
export function makeShards(memory: Memory, worker: WorkerId | null, shards: readonly NewShard[]): void {
  const now = memory.now();
  for (const { id, run, members, size, dueAt, priority, limit, losses, keep } of shards) {
    const common = { id, run, members, size, priority: Math.round(priority), limit, losses, running: '', waits: [] };
    const leased = { epoch: 1, owner: worker, leaseUntil: now + leaseMs, dueAt: null, lookAt: now + leaseMs };
    const free = { epoch: 0, owner: null, leaseUntil: null, dueAt, lookAt: dueAt ?? now + lookAgainMs, permits: null };
    const permits = limit === null ? null : Math.min(limit.max, size);
    memory.shards.set(id, keep ? { ...common, ...leased, permits } : { ...common, ...free });
  }
}

/** Sends the wake-ups of new shards that others may take at once. */
export function announce(memory: Memory, shards: readonly NewShard[]): void {
  memory.queue.send(shards.filter((shard) => !shard.keep && shard.dueAt === null).map(({ id: shard, priority }) => ({ shard, priority })));
}

/** Sends wake-ups for those that have none to be fetched; answers with how many. */
export function wakeShards(memory: Memory, shards: readonly Pick<MemoryShard, 'id' | 'priority'>[]): number {
  const silent = shards.filter((shard) => !memory.queue.has(shard.id));
  memory.queue.send(silent.map(({ id: shard, priority }) => ({ shard, priority })));
  return silent.length;
}

/** Of the shards that wait for permits of these steps, the first few. */
export function waitingForPermits(memory: Memory, ended: readonly MemoryShard[]): readonly MemoryShard[] {
  const now = memory.now();
  const steps = new Map(ended.flatMap(({ run, limit }) => (limit === null ? [] : [[`${run}|${limit.step}`, { run, step: limit.step }]])));
  return [...steps.values()].flatMap(({ run, step }) =>
    [...memory.shards.values()]
      .filter((shard) => shard.run === run && shard.limit?.step === step && shard.owner === null && (shard.dueAt ?? now) <= now)
      .sort(byUrgency)
      .slice(0, 4),
  );
}

export function byUrgency(a: MemoryShard, b: MemoryShard): number {
  return a.priority - b.priority || (a.id < b.id ? -1 : 1);
}
