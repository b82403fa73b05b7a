import type { ExecutionKey, RunId, ShardId } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { GateDelta, NewShard, Reopening } from '@exosphere/ports';
import { countColumns, failureColumns, gateColumns, pathText, shardColumns } from '../commit/row-columns.ts';
import type { Columns } from '../commit/row-columns.ts';
import { wakeUpsOf } from '../commit/commit.ts';
import { sqlState } from '../database/database-error.ts';
import type { Connections } from '../database/pools.ts';
import { statement } from '../database/statement.ts';
import { int4Array, textArray } from '../sql/binary-array.ts';
import { placeholders } from '../sql/placeholders.ts';
import { resetSinks } from '../logs/log-forwarding.query.ts';
import { wakeShards } from '../shards/wake-shards.ts';
import type { WakeUpQueue } from '../wake-ups/boss-queue.ts';
import { writeRecord } from './write-record.query.ts';

interface Parts {
  readonly connections: Connections;
  readonly queue: WakeUpQueue;
}

const reopen = statement<{ is_queued: boolean; fired: readonly ShardId[] | null }>(
  'reopen run',
  `select * from exosphere.reopen_run(${placeholders(39)})`,
);

/** Opens a round on an ended run. */
export async function reopenRun({ connections, queue }: Parts, reopening: Reopening): Promise<void> {
  const { run, round, slaMs } = reopening;
  try {
    const fired = await connections.transaction(async (session) => {
      const [row] = await session.query(reopen, [
        ...[run, round, `${slaMs} milliseconds`],
        ...keyColumns(reopening.remove),
        ...keyColumns(reopening.removeGates),
        ...failureColumns(reopening.failures),
        ...countColumns(reopening.counts),
        ...shardColumns(reopening.shards),
        ...gateColumns(reopening.gates),
      ]);
      if (reopening.record !== undefined) await writeRecord(session, reopening.record, run);
      await resetSinks(session, run);
      if (row?.is_queued === true) return [];
      await queue.send(session.client, wakeUpsOf(reopening.shards), { fresh: true });
      return row?.fired ?? [];
    });
    await wakeShards(connections, queue, fired);
  } catch (error) {
    if (sqlState(error) !== 'EXO04') throw error;
    const message = `Run ${run} is not an ended run in round ${round - 1}: somebody else has opened a round. Look at it again.`;
    throw new ExosphereError('run-changed', message, { cause: error, retryable: true });
  }
}

const add = statement<{ added: boolean; fired: readonly ShardId[] | null }>(
  'add shards',
  `select * from exosphere.add_shards(${placeholders(22)})`,
);

/** Adds the shards of a `per: run` chain, once a round. */
export async function addShards(
  { connections, queue }: Parts,
  run: RunId,
  shards: readonly NewShard[],
  gates: readonly GateDelta[],
): Promise<boolean> {
  const row = await connections.transaction(async (session) => {
    const [answer] = await session.query(add, [run, ...shardColumns(shards), ...gateColumns(gates)]);
    if (answer?.added === true) await queue.send(session.client, wakeUpsOf(shards), { fresh: true });
    return answer;
  });
  await wakeShards(connections, queue, row?.fired ?? []);
  return row?.added === true;
}

function keyColumns(keys: readonly ExecutionKey[]): Columns {
  return [
    int4Array(keys.map((key) => key.step)),
    textArray(keys.map((key) => pathText(key.path))),
    int4Array(keys.map((key) => key.origin)),
    int4Array(keys.map((key) => key.round)),
  ];
}
