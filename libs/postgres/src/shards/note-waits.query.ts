import type { LogRecord, ShardId } from '@exosphere/model';
import type { ShardWait } from '@exosphere/ports';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';

const note = statement<{ done: boolean }>('note waits', 'select exosphere.note_waits($1, $2, $3, $4, $5) as done');

/** Notes what members of a held shard wait for; see `note_waits` of migration 9. False: it is not held any more. */
export async function noteWaits(
  session: Session,
  shard: { readonly id: ShardId; readonly epoch: number },
  waits: readonly ShardWait[],
  news: { readonly wait: ShardWait; readonly record: LogRecord } | null,
): Promise<boolean> {
  const wait = news === null ? null : JSON.stringify([news.wait]);
  const record = news === null ? null : JSON.stringify(news.record);
  const [answer] = await session.query(note, [shard.id, shard.epoch, waits.length === 0 ? null : JSON.stringify(waits), wait, record]);
  return answer?.done === true;
}
