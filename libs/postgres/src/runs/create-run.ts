import type { RunId, ShardId } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { CreateOutcome, NewRun } from '@exosphere/ports';
import { sqlState } from '../database/database-error.ts';
import type { Connections } from '../database/pools.ts';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';
import { gateColumns, shardColumns } from '../commit/row-columns.ts';
import { wakeUpsOf } from '../commit/commit.ts';
import { int4Array, int8Array, textArray } from '../sql/binary-array.ts';
import { placeholders } from '../sql/placeholders.ts';
import { wakeShards } from '../shards/wake-shards.ts';
import type { WakeUpQueue } from '../wake-ups/boss-queue.ts';
import { controlRun } from './control-run.ts';
import { chunksOf } from './item-chunks.ts';
import type { Partitions } from './partitions.ts';

export interface RunParts {
  readonly connections: Connections;
  readonly queue: WakeUpQueue;
  readonly partitions: Partitions;
  /** Digests that the database has: their plans need not be sent again. */
  readonly knownRevisions: Set<string>;
}

interface CreatedRow extends Record<string, unknown> {
  readonly run_number: number | null;
  readonly is_queued: boolean;
  readonly in_the_way: readonly RunId[] | null;
  readonly to_cancel: readonly RunId[] | null;
  readonly fired: readonly ShardId[] | null;
  readonly at: number;
}

const create = statement<CreatedRow>(
  'create run',
  `select made.*, case when made.run_number is not null and $44::text is not null then exosphere.add_record($1, $44) end
   from exosphere.create_run(${placeholders(43)}) made`,
);

/** Makes a run durable, or answers why there is none. */
export async function createRun(parts: RunParts, run: NewRun): Promise<CreateOutcome> {
  await parts.partitions.ensureFor(run.id);
  const created = await withPlanIfNeeded(parts, run);
  parts.knownRevisions.add(run.revision.digest);
  if (created.in_the_way !== null) return { kind: 'skipped', because: created.in_the_way };
  for (const other of created.to_cancel ?? []) await controlRun(parts, other, 'cancelling');
  if (!created.is_queued) await wakeShards(parts.connections, parts.queue, created.fired ?? []);
  // number: null only where the run was skipped
  return { kind: 'started', number: created.run_number as number, queued: created.is_queued, at: created.at };
}

async function withPlanIfNeeded(parts: RunParts, run: NewRun): Promise<CreatedRow> {
  const known = parts.knownRevisions.has(run.revision.digest);
  try {
    return await insertRun(parts, run, !known);
  } catch (error) {
    if (!known || sqlState(error) !== 'EXO03') throw error;
    return insertRun(parts, run, true);
  }
}

function insertRun({ connections, queue }: RunParts, run: NewRun, withPlan: boolean): Promise<CreatedRow> {
  return connections.transaction(async (session) => {
    const wakeUps = wakeUpsOf(run.shards);
    // Before the run's number is taken: its cluster's row is locked from then on, so what can be done before is.
    if (run.concurrency === null) await queue.send(session.client, wakeUps, { fresh: true });
    const created = await callCreate(session, run, { queue: queue.name, withPlan });
    if (run.concurrency !== null && !created.is_queued && created.in_the_way === null)
      await queue.send(session.client, wakeUps, { fresh: true });
    return created;
  });
}

async function callCreate(session: Session, run: NewRun, { queue, withPlan }: { queue: string; withPlan: boolean }): Promise<CreatedRow> {
  const chunks = chunksOf(run.items);
  const [row] = await session.query(create, [
    ...[run.id, run.project, run.cluster, run.revision.digest],
    ...[withPlan ? JSON.stringify(run.revision.plan) : null, run.revision.source, run.environment],
    ...[JSON.stringify(run.trigger), JSON.stringify(run.inputs), run.items.length, `${run.slaMs} milliseconds`],
    ...[run.concurrency?.group ?? null, run.concurrency?.limit ?? null, run.concurrency?.onConflict ?? null],
    ...[run.logs, run.origin, queue],
    ...[
      int4Array(chunks.map((chunk) => chunk.from)),
      int4Array(chunks.map((chunk) => chunk.count)),
      textArray(chunks.map((chunk) => chunk.objects)),
    ],
    ...shardColumns(run.shards),
    ...gateColumns(run.gates),
    int4Array(run.allowed.map((allowed) => allowed.basis)),
    int8Array(run.allowed.map((allowed) => allowed.allowed)),
    run.record === undefined ? null : JSON.stringify(run.record),
  ]);
  if (row === undefined)
    throw new ExosphereError('database-unavailable', 'PostgreSQL gave no answer to the making of a run', { retryable: true });
  return row;
}
