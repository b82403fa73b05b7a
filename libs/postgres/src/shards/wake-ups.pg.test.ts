import type { RunId, ShardId, WorkerId } from '@exosphere/model';
import type { ClaimedShard } from '@exosphere/ports';
import { newId, sampleCommit, sampleRun, sampleShard } from '@exosphere/testkit/ledger-samples';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectLedger } from '../ledger/connect-ledger.ts';
import type { PostgresLedger } from '../ledger/postgres-ledger.ts';
import type { TestLedger } from '../testing/open-test-ledger.ts';
import { openTestLedger } from '../testing/open-test-ledger.ts';
import { bossSchema } from '../wake-ups/boss-queue.ts';

describe('wake-ups', () => {
  const worker = newId<WorkerId>();
  let under: TestLedger;
  beforeEach(async () => {
    under = await openTestLedger();
  });
  afterEach(() => under.close());

  const start = async (count: number): Promise<readonly ShardId[]> => {
    const run = newId<RunId>();
    const shards = Array.from({ length: count }, () => sampleShard(run));
    await under.ledger.createRun(sampleRun(run, { shards }));
    return shards.map((shard) => shard.id);
  };
  const jobs = async (): Promise<number> =>
    Number((await under.client.query<{ n: string }>(`select count(*) as n from ${bossSchema}.job where name = 'work'`)).rows[0]?.n);
  /** Everything that can be claimed, 2 at a time. */
  const claimAll = async (): Promise<readonly ClaimedShard[]> => {
    const all: ClaimedShard[] = [];
    for (;;) {
      const some = await under.ledger.claim(worker, { max: 2 });
      if (some.length === 0) return all;
      all.push(...some);
    }
  };
  const after5s = async (): Promise<void> => {
    await under.pass(5_100);
    await under.ledger.wakeDue();
  };
  const sorted = (ids: readonly string[]): readonly string[] => [...ids].sort();

  it('leave no job behind once their shards are taken', async () => {
    await start(7);
    expect(await jobs()).toBe(7);
    expect(await claimAll()).toHaveLength(7);
    expect(await jobs()).toBe(0);
  });

  const faults: readonly (readonly [string, string])[] = [
    ['deleted', `delete from ${bossSchema}.job`],
    ['truncated', `truncate ${bossSchema}.job`],
    ['delayed by an hour', `update ${bossSchema}.job set start_after = now() + interval '1 hour'`],
    ['left active', `update ${bossSchema}.job set state = 'active', started_on = now()`],
    ['completed', `update ${bossSchema}.job set state = 'completed', completed_on = now()`],
    ['failed', `update ${bossSchema}.job set state = 'failed', completed_on = now()`],
    ['cancelled', `update ${bossSchema}.job set state = 'cancelled', completed_on = now()`],
  ];
  it.each(faults)('that are %s are made anew within 5 s (DAG-03)', async (_, fault) => {
    const shards = await start(5);
    await under.client.query(fault);
    expect(await claimAll()).toEqual([]);
    await after5s();
    expect(sorted((await claimAll()).map((shard) => shard.id))).toEqual(sorted(shards));
    await after5s();
    expect(await claimAll()).toEqual([]);
  });

  it('that come ten times give each shard once (DAG-03)', async () => {
    const shards = await start(5);
    await under.client.query(
      `insert into ${bossSchema}.job (name, data, policy) select name, data, policy from ${bossSchema}.job, generate_series(1, 9)`,
    );
    expect(await jobs()).toBe(50);
    expect(sorted((await claimAll()).map((shard) => shard.id))).toEqual(sorted(shards));
    expect(await jobs()).toBe(0);
  });

  it('that name a shard which is gone are swept away', async () => {
    const [shard] = await start(1);
    const [claimed] = await under.ledger.claimThese(worker, shard === undefined ? [] : [shard]);
    if (claimed !== undefined) await under.ledger.commit({ slot: 0, shards: [sampleCommit(claimed)], newShards: [] });
    expect(await claimAll()).toEqual([]);
    expect(await jobs()).toBe(0);
  });

  it('do not pile up while nobody takes the shards', async () => {
    await start(5);
    for (let i = 0; i < 4; i += 1) await after5s();
    expect(await jobs()).toBe(5);
  });

  it('are sent once by four schedulers that look at the same time (DAG-04)', async () => {
    await start(50);
    await under.client.query(`delete from ${bossSchema}.job`);
    await under.pass(5_100);
    await Promise.all(Array.from({ length: 4 }, () => under.ledger.wakeDue()));
    expect(await jobs()).toBe(50);
  });

  it('have their options on the queue, also where somebody has changed them', async () => {
    await under.client.query(`update ${bossSchema}.queue set retention_seconds = 1, expire_seconds = 7 where name = 'work'`);
    const other = await openTestLedgerOn(under.url);
    await other.close();
    const { rows } = await under.client.query(`select retention_seconds, expire_seconds from ${bossSchema}.queue where name = 'work'`);
    expect(rows).toEqual([{ retention_seconds: 86_400, expire_seconds: 60 }]);
  });

  it('of one queue are not taken by another', async () => {
    await start(1);
    const own = await openTestLedgerOn(under.url, 'own');
    expect(await own.claim(worker, { max: 5 })).toEqual([]);
    const run = newId<RunId>();
    await own.createRun(sampleRun(run));
    expect(await claimAll()).toHaveLength(1);
    expect((await own.claim(worker, { max: 5 })).map((shard) => shard.run)).toEqual([run]);
    await own.close();
  });
});

function openTestLedgerOn(url: string, queue = 'work'): Promise<PostgresLedger> {
  return connectLedger({ connectionString: url, queue });
}
