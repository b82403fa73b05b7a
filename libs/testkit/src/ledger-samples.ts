import { randomBytes } from 'node:crypto';
import type { Path, RunId, ShardId, WorkerId } from '@exosphere/model';
import { asId, uuidv7 } from '@exosphere/model';
import type { Plan } from '@exosphere/model';
import type { AttemptRow, ChunkRow, ClaimedShard, CommitShard, ExecutionRow, GateDelta, NewRun, NewShard } from '@exosphere/ports';

/** A new id, in the order of time. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the brand
export function newId<Id extends RunId | ShardId | WorkerId>(): Id {
  return asId<Id>(uuidv7(Date.now(), randomBytes(10)));
}

/** A run with one shard of one member, unless it is told otherwise. */
export function sampleRun(id: RunId, changes: Partial<NewRun> = {}): NewRun {
  // as: the ledger keeps a plan and does not read it
  const plan = { format: 1, identifier: 'acme/sample', steps: [] } as unknown as Plan;
  return {
    ...{ id, project: 'acme', cluster: 'acme/sample', revision: { digest: 'sha256:sample', plan, source: null }, environment: null },
    ...{ trigger: { kind: 'api-call' }, inputs: { n: 1 }, items: [{ a: 1 }], slaMs: 3_600_000, concurrency: null },
    ...{ shards: [sampleShard(id)], gates: [], allowed: [], logs: 'none', origin: null },
    ...changes,
  };
}

export function sampleShard(run: RunId, changes: Partial<NewShard> = {}): NewShard {
  return {
    ...{ id: newId<ShardId>(), run, members: '[{"s":0,"p":[0]}]', size: 1 },
    ...{ dueAt: null, priority: 1_000, limit: null, losses: 0, keep: false },
    ...changes,
  };
}

/** What a worker records of a shard: nothing and no member left, unless it is told otherwise. */
export function sampleCommit(shard: Pick<ClaimedShard, 'id' | 'run' | 'epoch'>, changes: Partial<CommitShard> = {}): CommitShard {
  return {
    ...{ id: shard.id, run: shard.run, epoch: shard.epoch, members: '[]', size: 0 },
    ...{ ended: [], chunks: [], attempts: [], gates: [], counts: [], failures: [], logs: [], blobs: [] },
    ...changes,
  };
}

export function sampleExecution(run: RunId, path: Path, changes: Partial<ExecutionRow> = {}): ExecutionRow {
  return {
    ...{ run, step: 0, path, origin: -1, keyRound: 0, status: 'completed', branch: 'live', round: 1, attempts: 1, retries: 0 },
    ...{ startedAt: 1_700_000_000_123, endedAt: 1_700_000_000_456, output: `{"at":"${path.join('.')}"}`, objects: 1 },
    ...{ error: null, metrics: null, note: null, collected: null },
    ...changes,
  };
}

export function sampleChunk(run: RunId, path: Path, changes: Partial<ChunkRow> = {}): ChunkRow {
  return { run, step: 0, path, origin: -1, keyRound: 0, from: 0, count: 2, objects: '[{"i":0},{"i":1}]', ...changes };
}

export function sampleAttempt(run: RunId, path: Path, changes: Partial<AttemptRow> = {}): AttemptRow {
  const error = '{"message":"no","code":"no","retryable":true}';
  return {
    run,
    step: 0,
    path,
    origin: -1,
    keyRound: 0,
    attempt: 1,
    round: 1,
    startedAt: 1_700_000_000_000,
    endedAt: 1_700_000_000_001,
    error,
    ...changes,
  };
}

/** A change of one execution to a gate that waits for two. */
export function sampleGate(run: RunId, changes: Partial<GateDelta> = {}): GateDelta {
  return {
    run,
    step: 7,
    path: [],
    origin: -1,
    keyRound: 0,
    initial: 2,
    open: -1,
    tally: [1, 0],
    branch: 'live',
    fires: 'going',
    late: 0,
    ...changes,
  };
}
