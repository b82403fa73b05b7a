import { randomBytes } from 'node:crypto';
import type { RunId, WorkerId } from '@exosphere/model';
import { asId, uuidv7 } from '@exosphere/model';
import { newId, sampleRun, sampleShard } from '@exosphere/testkit/ledger-samples';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestLedger } from '../testing/open-test-ledger.ts';
import { openTestLedger } from '../testing/open-test-ledger.ts';
import { endingCommit, recorded } from '../testing/run-samples.ts';
import { claimChore } from './claim-chore.query.ts';

const day = 86_400_000;

describe('the upkeep of the database', () => {
  let under: TestLedger;
  beforeEach(async () => {
    under = await openTestLedger();
  });
  afterEach(() => under.close());

  /** A run that was accepted and ended so many days ago. */
  const endedRun = async (acceptedDaysAgo: number, endedDaysAgo: number): Promise<RunId> => {
    const run = asId<RunId>(uuidv7(Date.now() - acceptedDaysAgo * day, randomBytes(10)));
    const shard = sampleShard(run);
    await under.ledger.createRun(sampleRun(run, { shards: [shard] }));
    const [claimed] = await under.ledger.claimThese(newId<WorkerId>(), [shard.id]);
    if (claimed === undefined) throw new TypeError('no shard');
    await under.ledger.commit({ slot: 0, shards: [endingCommit(claimed, 0)], newShards: [] });
    await under.ledger.endRun(run, { status: 'completed', reason: null });
    await under.client.query(`update exosphere.run set ended_at = now() - $2::interval where id = $1`, [run, `${endedDaysAgo} days`]);
    return run;
  };
  const partitions = async (): Promise<number> => {
    const { rows } = await under.client.query<{ n: number }>(
      `select count(*)::int as n from pg_class where relname ~ '^execution_[0-9]{8}$'`,
    );
    return rows[0]?.n ?? 0;
  };

  it('forgets runs after the retention of their project, and drops days that are empty (PGF-10)', async () => {
    const gone = await endedRun(50, 45);
    const kept = await endedRun(60, 10);
    const before = await partitions();
    await under.ledger.upkeep();
    expect(await under.ledger.readRun(gone)).toBeNull();
    expect(await under.ledger.readCounts(gone)).toEqual([]);
    expect(await under.ledger.readRun(kept)).not.toBeNull();
    expect(await recorded(under.ledger, kept)).toEqual({ rows: 1, counted: 1 });
    expect(await partitions()).toBe(before - 1);
    await under.ledger.upkeep();
    expect(await partitions()).toBe(before - 1);
  });

  it('keeps a day while one run of it is kept', async () => {
    const gone = await endedRun(50, 45);
    const open = await endedRun(50, 45);
    await under.client.query('update exosphere.run set ended_at = null where id = $1', [open]);
    const before = await partitions();
    await under.ledger.upkeep();
    expect(await under.ledger.readRun(gone)).toBeNull();
    expect(await under.ledger.readRun(open)).not.toBeNull();
    expect(await partitions()).toBe(before);
  });

  it('finishes what was interrupted between taking a day off and dropping it', async () => {
    await endedRun(50, 45);
    await under.client.query('delete from exosphere.run');
    const name = `execution_${new Date(Date.now() - 50 * day).toISOString().slice(0, 10).replaceAll('-', '')}`;
    await under.client.query(`alter table exosphere.execution detach partition exosphere.${name}`);
    const before = await partitions();
    await under.ledger.upkeep();
    expect(await partitions()).toBe(before - 1);
  });

  it('has the partitions of today and tomorrow', async () => {
    const { rows } = await under.client.query<{ day: string }>(
      `select to_char(now()::date + n, 'YYYYMMDD') as day from generate_series(0, 1) as n where to_regclass('exosphere.execution_' || to_char(now()::date + n, 'YYYYMMDD')) is null`,
    );
    expect(rows).toEqual([]);
  });

  it('is done by one process at a time', async () => {
    const session = {
      query: async (statement: { text: string }, values: readonly unknown[]) =>
        (await under.client.query(statement.text, [...values])).rows,
    };
    expect(await claimChore(session, 'once', 60_000)).toBe(true);
    expect(await claimChore(session, 'once', 60_000)).toBe(false);
    expect(await claimChore(session, 'once', 0)).toBe(true);
  });
});
