import type { RunId, WorkerId } from '@exosphere/model';
import { newId, sampleRun, sampleShard } from '@exosphere/testkit/ledger-samples';
import { afterEach, describe, expect, it } from 'vitest';
import type { TestLedger } from '../testing/open-test-ledger.ts';
import { openTestLedger } from '../testing/open-test-ledger.ts';
import { endingCommit, recorded, startAndTake } from '../testing/run-samples.ts';

describe('the ledger under pressure', () => {
  const worker = newId<WorkerId>();
  let under: TestLedger;
  afterEach(() => under.close());

  it(
    'renews leases and answers questions while all connections for commits are busy, and pushes back (PGF-05)',
    { timeout: 60_000 },
    async () => {
      under = await openTestLedger({ commitConnections: 1 });
      const [slow, held] = await startAndTake(under.ledger, worker, 2);
      if (slow === undefined || held === undefined) throw new TypeError('two shards were expected');
      await under.client.query('begin');
      await under.client.query('select from exosphere.shard where id = $1 for update', [slow.id]);
      const waiting = under.ledger.commit({ slot: 0, shards: [endingCommit(slow, 0)], newShards: [] });
      const start = performance.now();
      expect((await under.ledger.renew(worker, [{ shard: held.id, epoch: held.epoch, running: '' }])).lost).toEqual([]);
      expect((await under.ledger.listRuns({}, { after: null, limit: 5 })).items).toHaveLength(1);
      expect(performance.now() - start).toBeLessThan(2_000);
      await expect(under.ledger.claim(worker, { max: 1 })).rejects.toMatchObject({ code: 'database-unavailable', retryable: true });
      await under.client.query('commit');
      expect((await waiting).kind).toBe('committed');
      expect(await recorded(under.ledger, slow.run)).toEqual({ rows: 1, counted: 1 });
    },
  );

  it('claims as fast while a long transaction elsewhere keeps dead rows alive (PGF-06)', { timeout: 60_000 }, async () => {
    under = await openTestLedger();
    await under.client.query('begin isolation level repeatable read');
    await under.client.query('select count(*) from exosphere.run');
    const times: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const run = newId<RunId>();
      await under.ledger.createRun(sampleRun(run, { shards: Array.from({ length: 100 }, () => sampleShard(run)) }));
      for (;;) {
        const start = performance.now();
        const claimed = await under.ledger.claim(worker, { max: 20 });
        times.push(performance.now() - start);
        if (claimed.length === 0) break;
        await under.ledger.commit({
          slot: 0,
          shards: claimed.map((shard, i) => endingCommit(shard, times.length * 20 + i)),
          newShards: [],
        });
      }
    }
    await under.client.query('commit');
    // against itself, so that a busy machine does not decide: the claims at the end against those at the beginning
    const third = Math.floor(times.length / 3);
    const median = (part: number[]): number => part.sort((a, b) => a - b)[Math.floor(part.length / 2)] ?? 0;
    expect(median(times.slice(-third))).toBeLessThan(5 * median(times.slice(0, third)) + 20);
  });
});
