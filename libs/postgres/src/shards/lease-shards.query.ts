import type { RunId, ShardId, WorkerId } from '@exosphere/model';
import type { ClaimedShard, ShardWait } from '@exosphere/ports';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';

interface LeasedRow extends Record<string, unknown> {
  readonly id: ShardId;
  readonly run: RunId;
  readonly members: string;
  readonly size: number;
  readonly epoch: number;
  readonly losses: number;
  readonly permits: number | null;
  readonly limit_step: number | null;
  readonly limit_max: number | null;
  readonly waits: readonly ShardWait[] | null;
}

const lease = statement<LeasedRow>('lease shards', 'select * from exosphere.lease_shards($1, $2::uuid[])');

/** Leases those that are ready, and answers with the most urgent first; see `lease_shards` of migration 9. */
export async function leaseShards(session: Session, worker: WorkerId, shards: readonly ShardId[]): Promise<readonly ClaimedShard[]> {
  if (shards.length === 0) return [];
  const rows = await session.query(lease, [worker, shards]);
  return rows.map(claimedShard);
}

function claimedShard(row: LeasedRow): ClaimedShard {
  const { id, run, members, size, epoch, losses, permits, limit_step: step, limit_max: max } = row;
  const limit = step === null || max === null ? null : { step, max };
  return { id, run, members, size, epoch, losses, permits, limit, waits: row.waits ?? [] };
}
