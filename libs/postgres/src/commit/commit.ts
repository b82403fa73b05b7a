import type { RunId, ShardId } from '@exosphere/model';
import type { ClaimedShard, CommitBatch, CommitOutcome, NewShard, RunControl } from '@exosphere/ports';
import { errorDetail, sqlState } from '../database/database-error.ts';
import type { Connections, OnWarning } from '../database/pools.ts';
import { settledAmong } from '../runs/settled-runs.query.ts';
import { wakeShards } from '../shards/wake-shards.ts';
import type { WakeUp, WakeUpQueue } from '../wake-ups/boss-queue.ts';
import type { CommitAnswer } from './commit-batch.query.ts';
import { commitBatch } from './commit-batch.query.ts';

export interface CommitParts {
  readonly connections: Connections;
  readonly queue: WakeUpQueue;
  readonly onWarning: OnWarning;
}

/**
 * Records a batch. One round trip, unless it makes shards for others: their wake-ups are sent in the same transaction.
 */
export async function commit(parts: CommitParts, batch: CommitBatch): Promise<CommitOutcome> {
  const { connections, queue } = parts;
  const wakeUps = wakeUpsOf(batch.newShards);
  let answer: CommitAnswer;
  try {
    answer =
      wakeUps.length === 0
        ? await commitBatch(connections, batch, queue.name)
        : await connections.transaction(async (session) => {
            const recorded = await commitBatch(session, batch, queue.name);
            await queue.send(session.client, wakeUps, { fresh: true });
            return recorded;
          });
  } catch (error) {
    return refusal(error);
  }
  return {
    kind: 'committed',
    fired: firedShards(answer.fired),
    settled: await afterwards(parts, answer),
    controls: controlsOf(answer.controls),
    at: answer.at,
  };
}

/** The wake-ups of shards that others may take at once. */
export function wakeUpsOf(shards: readonly NewShard[]): readonly WakeUp[] {
  return shards.filter((shard) => !shard.keep && shard.dueAt === null).map((shard) => ({ shard: shard.id, priority: shard.priority }));
}

function refusal(error: unknown): CommitOutcome {
  const names = errorDetail(error).split(',');
  switch (sqlState(error)) {
    case 'EXO01':
      return { kind: 'stale', shards: names as ShardId[] }; // as our function wrote them
    case 'EXO02':
      return { kind: 'blob-gone', digests: names };
    default:
      throw error;
  }
}

function firedShards(text: string | null): readonly ClaimedShard[] {
  if (text === null) return [];
  const rows = JSON.parse(text) as readonly (readonly [ShardId, RunId, string, number])[]; // as our function wrote them
  return rows.map(([id, run, members, size]) => ({ id, run, members, size, epoch: 1, losses: 0, permits: null, limit: null, waits: [] }));
}

function controlsOf(text: string | null): ReadonlyMap<RunId, RunControl> {
  return new Map(Object.entries(JSON.parse(text ?? '{}') as Record<RunId, RunControl>) as [RunId, RunControl][]); // as our function wrote them
}

/** What has no part in the commit: it has happened, whatever becomes of this. */
async function afterwards({ connections, queue, onWarning }: CommitParts, answer: CommitAnswer): Promise<readonly RunId[]> {
  const settled = answer.settled ?? [];
  try {
    if (answer.waiting !== null) await wakeShards(connections, queue, answer.waiting);
    if (answer.perhaps_settled === null) return settled;
    return [...settled, ...(await settledAmong(connections, answer.perhaps_settled))];
  } catch (cause) {
    onWarning({ message: 'after a commit: settled runs are found, and waiting shards woken, a little later', cause });
    return settled;
  }
}
