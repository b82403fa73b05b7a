import type { RunId, ShardId } from '@exosphere/model';
import type { RunControl } from '@exosphere/ports';
import type { Connections } from '../database/pools.ts';
import { statement } from '../database/statement.ts';
import { wakeShards } from '../shards/wake-shards.ts';
import type { WakeUpQueue } from '../wake-ups/boss-queue.ts';

export interface RunControlParts {
  readonly connections: Connections;
  readonly queue: WakeUpQueue;
}

/** Only ever rises, but for `paused` and back. */
const raise = statement<{ control: RunControl }>(
  'control run',
  `update exosphere.run set control = case
     when exosphere.control_rank($2) > exosphere.control_rank(control) then $2
     when exosphere.control_rank($2) = 0 and exosphere.control_rank(control) = 0 then $2
     else control end
   where id = $1 and ended_at is null
   returning control`,
);

/** What nobody holds has something to do now: to be cancelled, or to go on. */
const rouse = statement<{ id: ShardId }>(
  'rouse shards',
  `update exosphere.shard s set due_at = case when exosphere.control_rank($2) > 0 then null else due_at end,
     look_at = case when exosphere.control_rank($2) > 0 then now() else least(look_at, coalesce(due_at, now())) end
   where run = $1 and (owner is null or lease_until < now())
   returning id`,
);

/**
 * Raises the control of a run. Two statements: a commit locks shards first and its run second, so one transaction that did it the
 * other way round could deadlock. What is lost between them, `wakeDue` does again.
 */
export async function controlRun(parts: RunControlParts, run: RunId, control: RunControl): Promise<RunControl | null> {
  const [row] = await parts.connections.query(raise, [run, control]);
  if (row === undefined) return null;
  if (row.control !== 'paused') await rouseShards(parts, run, row.control);
  return row.control;
}

/** Wakes what nobody holds of a run. */
export async function rouseShards({ connections, queue }: RunControlParts, run: RunId, control: RunControl): Promise<void> {
  const roused = await connections.query(rouse, [run, control]);
  await wakeShards(
    connections,
    queue,
    roused.map((shard) => shard.id),
  );
}
