/**
 * How fast the ledger records: `DATABASE_URL=… node tools/bench/src/commit-bench.ts [seconds]`.
 *
 * 500: shards of 500 no-op executions of a fan-out, each recorded by one commit that ends its shard, two commits at a time.
 * 1: one execution a commit, one after another, as in a chain.
 */
import { randomBytes } from 'node:crypto';
import type { RunId, ShardId, WorkerId } from '@exosphere/model';
import { asId, uuidv7 } from '@exosphere/model';
import type { CommitShard, CountDelta, ExecutionRow } from '@exosphere/ports';
import { connectLedger } from '@exosphere/postgres';
import type { PostgresLedger } from '@exosphere/postgres';
// eslint-disable-next-line no-restricted-imports -- the samples are an entry of their own, which needs no test runner
import { sampleCommit, sampleExecution, sampleRun, sampleShard } from '@exosphere/testkit/ledger-samples';

const size = 500;
const url = process.env['DATABASE_URL'];
if (url === undefined) throw new TypeError('DATABASE_URL names the database to measure');
const seconds = Number(process.argv[2] ?? 5);
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the brand
const newId = <Id extends RunId | ShardId | WorkerId>(): Id => asId<Id>(uuidv7(Date.now(), randomBytes(10)));

function countsOf(run: RunId, step: number, add: number): readonly CountDelta[] {
  return (['completed', 'objects', 'ended-well'] as const).map((kind) => ({ run, step, kind, add }));
}

function executionsOf(run: RunId, shard: number): readonly ExecutionRow[] {
  const now = Date.now();
  const step = shard % 3;
  const from = Math.floor(shard / 3) * size;
  return Array.from({ length: size }, (_, i) =>
    sampleExecution(run, [0, from + i], { step, startedAt: now, endedAt: now, output: `{"n":${from + i}}` }),
  );
}

async function inBatches(ledger: PostgresLedger): Promise<number> {
  const run = newId<RunId>();
  const worker = newId<WorkerId>();
  const shards = Array.from({ length: 2_000 }, () => sampleShard(run, { size }));
  await ledger.createRun(sampleRun(run, { shards }));
  let made = 0;
  let done = 0;
  const until = performance.now() + seconds * 1_000;
  const lane = async (slot: number): Promise<void> => {
    while (performance.now() < until && made < shards.length) {
      const n = made;
      made += 1;
      const shard = shards[n];
      if (shard === undefined) return;
      const ended = executionsOf(run, n);
      const commit: CommitShard = sampleCommit({ id: shard.id, run, epoch: 1 }, { ended, counts: countsOf(run, n % 3, size) });
      const outcome = await ledger.commit({ slot, shards: [commit], newShards: [] });
      if (outcome.kind !== 'committed') throw new TypeError(outcome.kind);
      done += size;
    }
  };
  await ledger.claimThese(
    worker,
    shards.map((shard) => shard.id),
  );
  const start = performance.now();
  await Promise.all([lane(0), lane(1)]);
  return (done / (performance.now() - start)) * 1_000;
}

async function oneByOne(ledger: PostgresLedger): Promise<readonly number[]> {
  const run = newId<RunId>();
  const shard = sampleShard(run);
  await ledger.createRun(sampleRun(run, { shards: [shard] }));
  await ledger.claimThese(newId<WorkerId>(), [shard.id]);
  const times: number[] = [];
  for (let i = 0; i < 3_000; i += 1) {
    const start = performance.now();
    const ended = [sampleExecution(run, [0, i], { startedAt: Date.now(), endedAt: Date.now() })];
    const members = `[{"s":1,"p":[0,${i}]}]`;
    const outcome = await ledger.commit({
      slot: 0,
      shards: [sampleCommit({ id: shard.id, run, epoch: 1 }, { members, size: 1, ended, counts: countsOf(run, 0, 1) })],
      newShards: [],
    });
    if (outcome.kind !== 'committed') throw new TypeError(outcome.kind);
    times.push(performance.now() - start);
  }
  return times.slice(500).sort((a, b) => a - b);
}

const ledger = await connectLedger({ connectionString: url });
for (let round = 0; round < 3; round += 1) {
  console.log(`batches of ${size}: ${Math.round(await inBatches(ledger))} executions/s`);
  const times = await oneByOne(ledger);
  const at = (part: number): string => (times[Math.floor(times.length * part)] ?? 0).toFixed(3);
  console.log(`one a commit: median ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms`);
}
await ledger.close();
