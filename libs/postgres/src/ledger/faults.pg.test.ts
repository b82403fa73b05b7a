import { setTimeout as sleep } from 'node:timers/promises';
import type { RunId, WorkerId } from '@exosphere/model';
import { newId, sampleRun, sampleShard } from '@exosphere/testkit/ledger-samples';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectLedger } from './connect-ledger.ts';
import type { PostgresLedger } from './postgres-ledger.ts';
import type { FaultProxy } from '../testing/fault-proxy.ts';
import { startFaultProxy } from '../testing/fault-proxy.ts';
import type { TestLedger } from '../testing/open-test-ledger.ts';
import { openTestLedger } from '../testing/open-test-ledger.ts';
import { endingCommit, recorded, startAndTake } from '../testing/run-samples.ts';

describe('the ledger while PostgreSQL fails', () => {
  const worker = newId<WorkerId>();
  const warnings: string[] = [];
  let direct: TestLedger;
  let proxy: FaultProxy;
  let ledger: PostgresLedger;
  beforeEach(async () => {
    direct = await openTestLedger();
    proxy = await startFaultProxy(direct.url);
    ledger = await connectLedger({ connectionString: proxy.url, onWarning: ({ message }) => warnings.push(message) });
  });
  afterEach(async () => {
    await ledger.close();
    await proxy.close();
    await direct.close();
  });

  it('says that the outcome is unknown where the answer to a commit is lost, and has recorded it once (PGF-02)', async () => {
    const [shard] = await startAndTake(direct.ledger, worker, 1);
    if (shard === undefined) throw new TypeError('no shard');
    const commit = { slot: 0, shards: [endingCommit(shard, 0)], newShards: [] };
    proxy.cutAfter('commit batch');
    await expect(ledger.commit(commit)).rejects.toMatchObject({ code: 'database-unavailable', retryable: true, outcomeUnknown: true });
    expect(proxy.hasCut()).toBe(true);
    await expect.poll(() => recorded(direct.ledger, shard.run)).toEqual({ rows: 1, counted: 1 });
    expect(await ledger.commit(commit)).toEqual({ kind: 'stale', shards: [shard.id] });
    expect(await recorded(direct.ledger, shard.run)).toEqual({ rows: 1, counted: 1 });
  });

  it('does the same where the answer to COMMIT itself is lost (PGF-02)', async () => {
    const [shard] = await startAndTake(direct.ledger, worker, 1);
    if (shard === undefined) throw new TypeError('no shard');
    const next = sampleShard(shard.run);
    const commit = { slot: 0, shards: [endingCommit(shard, 0)], newShards: [next] };
    proxy.cutAfter('commit\0');
    await expect(ledger.commit(commit)).rejects.toMatchObject({ code: 'database-unavailable', outcomeUnknown: true });
    expect(proxy.hasCut()).toBe(true);
    await expect.poll(() => recorded(direct.ledger, shard.run)).toEqual({ rows: 1, counted: 1 });
    expect(await ledger.commit(commit)).toEqual({ kind: 'stale', shards: [shard.id] });
    expect((await ledger.claim(worker, { max: 5 })).map((claimed) => claimed.id)).toContain(next.id);
  });

  it('knows that nothing was recorded where the connection is lost before COMMIT', async () => {
    const [shard] = await startAndTake(direct.ledger, worker, 1);
    if (shard === undefined) throw new TypeError('no shard');
    const commit = { slot: 0, shards: [endingCommit(shard, 0)], newShards: [sampleShard(shard.run)] };
    proxy.cutAfter('commit batch');
    await expect(ledger.commit(commit)).rejects.toMatchObject({ code: 'database-unavailable', outcomeUnknown: false });
    expect(await recorded(direct.ledger, shard.run)).toEqual({ rows: 0, counted: 0 });
    expect((await ledger.commit(commit)).kind).toBe('committed');
  });

  it('gives up a half-open connection, and works on when the network is back (PGF-03)', { timeout: 40_000 }, async () => {
    const [shard] = await startAndTake(ledger, worker, 1);
    if (shard === undefined) throw new TypeError('no shard');
    const lease = [{ shard: shard.id, epoch: shard.epoch, running: '' }];
    await ledger.renew(worker, lease);
    proxy.freeze();
    const start = performance.now();
    await expect(ledger.renew(worker, lease)).rejects.toMatchObject({ code: 'database-unavailable' });
    expect(performance.now() - start).toBeLessThan(10_000);
    proxy.thaw();
    await expect.poll(() => ledger.renew(worker, lease).then((news) => news.lost), { timeout: 5_000 }).toEqual([]);
  });

  it('records everything once while its connections are ended again and again (PGF-04)', { timeout: 60_000 }, async () => {
    const shards = await startAndTake(direct.ledger, worker, 300);
    const run = shards[0]?.run ?? newId<RunId>();
    let failed = 0;
    const ending = new AbortController();
    const terminate = async (): Promise<void> => {
      while (!ending.signal.aborted) {
        await direct.client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'exosphere%'`,
        );
        await sleep(60);
      }
    };
    const recordOne = async (index: number): Promise<void> => {
      const shard = shards[index];
      if (shard === undefined) return;
      const newShards = index % 3 === 0 ? [sampleShard(run, { dueAt: Date.now() + 3_600_000 })] : [];
      for (;;) {
        try {
          const outcome = await ledger.commit({ slot: 0, shards: [endingCommit(shard, index)], newShards });
          expect(['committed', 'stale']).toContain(outcome.kind);
          return;
        } catch (error) {
          expect(error).toMatchObject({ code: 'database-unavailable', retryable: true });
          failed += 1;
        }
      }
    };
    const terminating = terminate();
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < shards.length) {
        next += 1;
        await recordOne(next - 1);
        await sleep(2);
      }
    };
    await Promise.all([lane(), lane(), lane()]);
    ending.abort();
    await terminating;
    expect(failed).toBeGreaterThan(0);
    await expect.poll(() => recorded(direct.ledger, run).catch(() => null)).toEqual({ rows: 300, counted: 300 });
    expect(await direct.ledger.readOpen(run)).toHaveLength(100);
  });

  it('claims and wakes again after its connections were ended, and hears of work', { timeout: 20_000 }, async () => {
    const ending = new AbortController();
    let calls = 0;
    const listening = ledger.listen(() => void (calls += 1), { signal: ending.signal });
    await expect.poll(() => calls).toBeGreaterThan(0);
    await direct.client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    const run = newId<RunId>();
    await expect.poll(() => ledger.createRun(sampleRun(run)).then(() => true, () => false), { timeout: 5_000 }).toBe(true); // prettier-ignore
    await expect.poll(() => ledger.claim(worker, { max: 5 }).then((shards) => shards.length, () => 0), { timeout: 5_000 }).toBe(1); // prettier-ignore
    await expect.poll(() => calls, { timeout: 5_000 }).toBeGreaterThan(1);
    const before = calls;
    await direct.ledger.createRun(sampleRun(newId()));
    await expect.poll(() => calls, { timeout: 5_000 }).toBeGreaterThan(before);
    ending.abort();
    await listening;
  });

  it.each([
    ['a deadlock', '40P01', false],
    ['a full disk', '53100', false],
    ['an end by the operator', '57P01', true],
    ['a read-only server', '25006', false],
  ])('may be tried again after %s (PGF-07)', async (_, state, outcomeUnknown) => {
    const [shard] = await startAndTake(direct.ledger, worker, 1);
    if (shard === undefined) throw new TypeError('no shard');
    await direct.client.query(
      `create function fail() returns trigger language plpgsql as $$ begin raise exception 'so' using errcode = '${state}'; end $$`,
    );
    await direct.client.query('create trigger fail before delete on exosphere.shard for each statement execute function fail()');
    const commit = { slot: 0, shards: [endingCommit(shard, 0)], newShards: [] };
    await expect(ledger.commit(commit)).rejects.toMatchObject({ code: 'database-unavailable', retryable: true, outcomeUnknown });
    await direct.client.query('drop trigger fail on exosphere.shard');
    expect((await ledger.commit(commit)).kind).toBe('committed');
  });

  it('calls a refused statement a fault of ours, not one of the world', async () => {
    const [shard] = await startAndTake(direct.ledger, worker, 1);
    if (shard === undefined) throw new TypeError('no shard');
    const twice = endingCommit(shard, 0);
    await expect(
      ledger.commit({ slot: 0, shards: [{ ...twice, ended: [...twice.ended, ...twice.ended] }], newShards: [] }),
    ).rejects.toMatchObject({ code: 'internal', retryable: false });
    expect((await ledger.commit({ slot: 0, shards: [twice], newShards: [] })).kind).toBe('committed');
  });

  it('takes nothing from workers of a future that a restored database does not know (PGF-08)', async () => {
    const [shard] = await startAndTake(direct.ledger, worker, 1);
    if (shard === undefined) throw new TypeError('no shard');
    const later = { ...shard, epoch: 7 };
    await direct.client.query('update exosphere.shard set epoch = 3, owner = null, lease_until = null, look_at = now()');
    expect(await ledger.commit({ slot: 0, shards: [endingCommit(later, 0)], newShards: [] })).toEqual({
      kind: 'stale',
      shards: [shard.id],
    });
    expect((await ledger.renew(worker, [{ shard: shard.id, epoch: 7, running: '' }])).lost).toEqual([shard.id]);
    await ledger.wakeDue();
    const [again] = await ledger.claim(newId<WorkerId>(), { max: 1 });
    expect(again).toMatchObject({ id: shard.id, epoch: 4 });
  });

  it('makes commits durable where the server is set up to lose them (PGF-09)', async () => {
    await direct.client.query(`alter database ${new URL(direct.url).pathname.slice(1)} set synchronous_commit = off`);
    const other = await connectLedger({ connectionString: direct.url });
    await other.createRun(sampleRun(newId()));
    await direct.client.query('create table seen (setting text)');
    await direct.client.query(
      `create function see() returns trigger language plpgsql as $$ begin insert into seen values (current_setting('synchronous_commit')); return null; end $$`,
    );
    await direct.client.query('create trigger see after insert on exosphere.run for each statement execute function see()');
    await other.createRun(sampleRun(newId()));
    expect((await direct.client.query('select setting from seen')).rows).toEqual([{ setting: 'on' }]);
    await other.close();
  });
});
