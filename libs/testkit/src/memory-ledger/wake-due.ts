import { wakeShards } from './make-shards.ts';
import type { Memory, MemoryShard } from './memory.ts';
import { isHeld, lookAgainMs, mayGo, runOf } from './memory.ts';

/** How long nobody looks at the shards of a run that does not go. */
const pausedMs = 60_000;
/** Most shards that one call looks at. */
const mostLooked = 1_000;

/** Wakes what nobody has woken. Answers with when the next delay ends. */
export function wakeDue(memory: Memory): { readonly woken: number; readonly nextDueAt: number | null } {
  hasten(memory);
  const now = memory.now();
  const seen = [...memory.shards.values()].filter((shard) => shard.lookAt <= now).sort((a, b) => a.lookAt - b.lookAt);
  const ready: MemoryShard[] = [];
  for (const shard of seen.slice(0, mostLooked)) {
    if (isReady(memory, shard)) ready.push(shard);
    memory.shards.set(shard.id, { ...shard, lookAt: nextLook(memory, shard) });
  }
  const woken = wakeShards(memory, ready);
  if (woken > 0) memory.tellOfWork();
  const due = [...memory.shards.values()].flatMap((shard) => (shard.owner === null && (shard.dueAt ?? 0) > now ? [shard.dueAt ?? 0] : []));
  return { woken, nextDueAt: due.length === 0 ? null : Math.ceil(Math.min(...due)) };
}

/** A run that is ending has nothing to wait for. */
function hasten(memory: Memory): void {
  const now = memory.now();
  for (const shard of memory.shards.values()) {
    const run = runOf(memory, shard.run);
    const isEnding = run.endedAt === null && run.control !== 'go' && run.control !== 'paused';
    if (!isEnding || shard.owner !== null || (shard.dueAt ?? 0) <= now) continue;
    memory.shards.set(shard.id, { ...shard, dueAt: null, lookAt: now });
    memory.changed();
  }
}

function isReady(memory: Memory, shard: MemoryShard): boolean {
  const now = memory.now();
  return mayGo(runOf(memory, shard.run)) && !isHeld(shard, now) && (shard.dueAt ?? now) <= now;
}

function nextLook(memory: Memory, shard: MemoryShard): number {
  const now = memory.now();
  if (isHeld(shard, now)) return shard.leaseUntil ?? now;
  if ((shard.dueAt ?? now) > now) return shard.dueAt ?? now;
  return now + (mayGo(runOf(memory, shard.run)) ? lookAgainMs : pausedMs);
}
