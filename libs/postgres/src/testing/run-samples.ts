import type { RunId, WorkerId } from '@exosphere/model';
import type { ClaimedShard, CommitShard, Ledger } from '@exosphere/ports';
import { newId, sampleCommit, sampleExecution, sampleRun, sampleShard } from '@exosphere/testkit/ledger-samples';

/** Starts a run with so many shards and takes them all. */
export async function startAndTake(ledger: Ledger, worker: WorkerId, count: number): Promise<readonly ClaimedShard[]> {
  const run = newId<RunId>();
  const shards = Array.from({ length: count }, () => sampleShard(run));
  await ledger.createRun(sampleRun(run, { shards }));
  const taken = await ledger.claimThese(worker, shards.map((shard) => shard.id)); // prettier-ignore
  if (taken.length !== count) throw new TypeError(`${taken.length} of ${count} shards were to be had`);
  return taken;
}

/** Ends a shard with one execution at the given index. */
export function endingCommit(shard: ClaimedShard, index: number): CommitShard {
  const counts = [{ run: shard.run, step: 0, kind: 'completed', add: 1 } as const];
  return sampleCommit(shard, { ended: [sampleExecution(shard.run, [index])], counts });
}

/** How many executions of step 0 are recorded, and how many are counted. */
export async function recorded(ledger: Ledger, run: RunId): Promise<{ readonly rows: number; readonly counted: number }> {
  const rows = await ledger.readExecutionsBelow({ run, step: 0, scope: [], upToRound: null });
  const counts = await ledger.readCounts(run);
  return { rows: rows.length, counted: counts.find((count) => count.kind === 'completed')?.add ?? 0 };
}
