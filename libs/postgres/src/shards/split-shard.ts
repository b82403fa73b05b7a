import type { ShardId } from '@exosphere/model';
import type { MemberList, NewShard } from '@exosphere/ports';
import { shardColumns } from '../commit/row-columns.ts';
import { wakeUpsOf } from '../commit/commit.ts';
import type { Connections } from '../database/pools.ts';
import { statement } from '../database/statement.ts';
import { placeholders } from '../sql/placeholders.ts';
import type { WakeUpQueue } from '../wake-ups/boss-queue.ts';

const split = statement<{ done: boolean }>('split shard', `select exosphere.split_shard(${placeholders(14)}) as done`);

/** Gives a part of a held shard away. False: it is not held any more. */
export async function splitShard(
  connections: Connections,
  queue: WakeUpQueue,
  shard: { readonly id: ShardId; readonly epoch: number } & MemberList,
  give: readonly NewShard[],
): Promise<boolean> {
  return connections.transaction(async (session) => {
    const [answer] = await session.query(split, [shard.id, shard.epoch, shard.members, shard.size, ...shardColumns(give)]);
    const done = answer?.done === true;
    if (done) await queue.send(session.client, wakeUpsOf(give), { fresh: true });
    return done;
  });
}
