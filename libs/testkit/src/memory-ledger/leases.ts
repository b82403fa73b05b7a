import type { LogRecord, ShardId, WorkerId } from '@exosphere/model';
import type { ClaimedShard, Lease, LeaseNews, MemberList, NewShard, ShardWait } from '@exosphere/ports';
import { addRecord } from './logs.ts';
import { announce, byUrgency, checkNewShards, makeShards, waitingForPermits, wakeShards } from './make-shards.ts';
import type { Memory, MemoryShard } from './memory.ts';
import { isHeld, leaseMs, lookAgainMs, mayGo, runOf, shardsOf } from './memory.ts';

/** Takes shards whose wake-ups are fetched. Wake-ups of those that are gone or taken are only swept away. */
export function claim(memory: Memory, worker: WorkerId, max: number): readonly ClaimedShard[] {
  const claimed: ClaimedShard[] = [];
  for (;;) {
    const wanted = max - claimed.length;
    const fetched = memory.queue.fetch(wanted);
    claimed.push(...claimThese(memory, worker, fetched));
    if (fetched.length < wanted || claimed.length >= max) return claimed;
  }
}

/** Leases those of the shards that are ready, the most urgent first: nobody's or lapsed, due, and of a run that goes. */
export function claimThese(memory: Memory, worker: WorkerId, ids: readonly ShardId[]): readonly ClaimedShard[] {
  const now = memory.now();
  const named = [...new Set(ids)].flatMap((id) => memory.shards.get(id) ?? []);
  const ready = named.filter((shard) => !isHeld(shard, now) && (shard.dueAt ?? now) <= now && mayGo(runOf(memory, shard.run)));
  return ready.sort(byUrgency).flatMap((shard) => lease(memory, worker, shard) ?? []);
}

function lease(memory: Memory, worker: WorkerId, shard: MemoryShard): ClaimedShard | null {
  const permits = freePermits(memory, shard);
  if (permits !== null && permits <= 0) return null;
  const until = memory.now() + leaseMs;
  const losses = shard.losses + (shard.owner === null ? 0 : 1);
  const leased = { owner: worker, epoch: shard.epoch + 1, leaseUntil: until, lookAt: until, losses, dueAt: null, running: '', permits };
  memory.shards.set(shard.id, { ...shard, ...leased });
  const run = runOf(memory, shard.run);
  if (run.status === 'pending') memory.runs.set(run.id, { ...run, status: 'running' });
  memory.changed();
  return asClaimed({ ...shard, ...leased });
}

/** How many of its members may run at once: what others of its step have left. Null: no bound. */
function freePermits(memory: Memory, { id, run, limit, size }: MemoryShard): number | null {
  if (limit === null) return null;
  const now = memory.now();
  let used = 0;
  for (const other of memory.shards.values())
    if (other.id !== id && other.run === run && other.limit?.step === limit.step && isHeld(other, now)) used += other.permits ?? 0;
  return Math.min(size, limit.max - used);
}

export function asClaimed({ id, run, members, size, epoch, losses, permits, limit, waits }: MemoryShard): ClaimedShard {
  return { id, run, members, size, epoch, losses, permits, limit, waits };
}

/** The shard, if this epoch of its lease is the one that holds. */
export function fenced(memory: Memory, id: ShardId, epoch: number): MemoryShard | null {
  const shard = memory.shards.get(id);
  return shard === undefined || shard.epoch !== epoch || shard.owner === null ? null : shard;
}

export function renew(memory: Memory, worker: WorkerId, leases: readonly Lease[]): LeaseNews {
  const at = memory.now();
  const held = leases.flatMap(({ shard: id, epoch, running }) => {
    const shard = fenced(memory, id, epoch);
    if (shard === null || shard.owner !== worker) return [];
    memory.shards.set(id, { ...shard, running, leaseUntil: at + leaseMs, lookAt: at + leaseMs });
    return [shard];
  });
  const ids = new Set(held.map((shard) => shard.id));
  return {
    lost: leases.map((one) => one.shard).filter((id) => !ids.has(id)),
    controls: new Map(held.map(({ run }) => [run, runOf(memory, run).control])),
    at,
  };
}

export interface Release {
  readonly shard: ShardId;
  readonly epoch: number;
  readonly dueAt: number | null;
}

/** Gives leases back; wakes them, and those that waited for their permits. */
export function release(memory: Memory, releases: readonly Release[]): void {
  const now = memory.now();
  const released = releases.flatMap(({ shard: id, epoch, dueAt }) => {
    const shard = fenced(memory, id, epoch);
    if (shard === null) return [];
    const free = { owner: null, leaseUntil: null, running: '', permits: null, dueAt, lookAt: dueAt ?? now + lookAgainMs };
    memory.shards.set(id, { ...shard, ...free });
    memory.changed();
    return [{ ...shard, ...free }];
  });
  const ready = released.filter((shard) => (shard.dueAt ?? now) <= now);
  wakeShards(memory, [...new Map([...ready, ...waitingForPermits(memory, released)].map((shard) => [shard.id, shard])).values()]);
  memory.tellOfWork();
}

/** Gives a part of a held shard away. False: it is not held any more. */
export function split(
  memory: Memory,
  { id, epoch, members, size }: { readonly id: ShardId; readonly epoch: number } & MemberList,
  give: readonly NewShard[],
): boolean {
  const shard = fenced(memory, id, epoch);
  if (shard === null) return false;
  checkNewShards(memory, give);
  memory.shards.set(id, { ...shard, members, size });
  makeShards(memory, shard.owner, give);
  announce(memory, give);
  memory.changed();
  memory.tellOfWork();
  return true;
}

/** Notes what members of a held shard wait for; tells it in the log where no shard of the run does yet. False: it is not held any more. */
export function noteWaits(
  memory: Memory,
  { id, epoch }: { readonly id: ShardId; readonly epoch: number },
  waits: readonly ShardWait[],
  news: { readonly wait: ShardWait; readonly record: LogRecord } | null,
): boolean {
  const shard = fenced(memory, id, epoch);
  if (shard === null) return false;
  const isSame = (one: ShardWait): boolean => one.step === news?.wait.step && one.reason === news.wait.reason;
  const isTold = shardsOf(memory, shard.run).some((other) => other.waits.some(isSame));
  if (news !== null && !isTold) addRecord(memory, shard.run, news.record);
  memory.shards.set(id, { ...shard, waits: waits.map((wait) => ({ ...wait })) });
  memory.changed();
  return true;
}
