import type { RunId, ShardId } from '@exosphere/model';
import { asId, uuidv7 } from '@exosphere/model';
import type { Clock, NewShard } from '@exosphere/ports';
import type { Member, MemberKind, Seed, Step } from '@exosphere/run-machine';
import { encodeFan, encodeMembers, stepAt } from '@exosphere/run-machine';
import type { RunInfo } from './run-info.ts';

/** Most members of a shard that is made; what a worker follows itself may be more, see `mostMembers`. */
export const shardSize = 500;

export function newShardId(clock: Clock): ShardId {
  return asId<ShardId>(uuidv7(clock.now(), clock.bytes(10)));
}

/** What a new shard has in common with the others of its run. */
interface Shared {
  readonly run: RunInfo;
  readonly clock: Clock;
  readonly now: number;
}

/** Shards for the executions of one seed, cut into pieces. They wait for the step's `delay`, and keep to its `max-parallel`. */
export function shardsOfSeed(shared: Shared, seed: Seed, skip: number): readonly NewShard[] {
  const step = stepAt(shared.run.graph, seed.step);
  const kind = kindOfSeed(seed);
  const shape = { run: shared.run.row.id, step, dueAt: dueAfterDelay(step, shared.now), losses: 0 };
  if (seed.fan === null) {
    return skip > 0 ? [] : [shard(shared, shape, encodeMembers([{ ...kind, path: seed.path }]), 1)];
  }
  const shards: NewShard[] = [];
  const end = seed.fan.from + seed.fan.count;
  // cut where the chunks of the list are cut, so that a shard reads one chunk
  for (let from = seed.fan.from + skip; from < end;) {
    const count = Math.min(shardSize - (from % shardSize), end - from);
    shards.push(shard(shared, shape, encodeFan(kind, seed.path, from, count), count));
    from += count;
  }
  return shards;
}

/** A shard for members that are put off: a retry, or a gate that is due. */
export function shardOfMembers(shared: Shared, members: readonly Member[], dueAt: number | null, losses = 0): NewShard {
  const first = members[0];
  const step =
    first !== undefined && first.step >= 0 && members.every((one) => one.step === first.step) ? stepAt(shared.run.graph, first.step) : null;
  return shard(shared, { run: shared.run.row.id, step, dueAt, losses }, encodeMembers(members), members.length);
}

export function kindOfSeed(seed: Seed): MemberKind {
  const { step, origin, keyRound, branch, isGate } = seed;
  return { step, origin, keyRound, branch, isGate, attempts: 0, spent: 0, alone: false, begun: false, asked: false, byHand: null };
}

function dueAfterDelay(step: Step, now: number): number | null {
  return step.plan.delayMs > 0 ? now + step.plan.delayMs : null;
}

function shard(
  shared: Shared,
  shape: { run: RunId; step: Step | null; dueAt: number | null; losses: number },
  members: string,
  size: number,
): NewShard {
  const max = shape.step?.plan.maxParallel ?? null;
  return {
    id: newShardId(shared.clock),
    run: shape.run,
    members,
    size,
    dueAt: shape.dueAt,
    priority: Math.floor(shared.run.row.deadline / 1000),
    limit: max === null || shape.step === null ? null : { step: shape.step.index, max },
    losses: shape.losses,
    keep: false,
  };
}

/** Whether a worker that holds an item may go on with this step itself; else it becomes a shard of its own. */
export function mayFollow(step: Step): boolean {
  return step.plan.delayMs === 0 && step.plan.maxParallel === null;
}
