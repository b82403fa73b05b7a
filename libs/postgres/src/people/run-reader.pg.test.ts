import type { RunId, WorkerId } from '@exosphere/model';
import type { ClaimedShard, CommitShard, LogChunkRow } from '@exosphere/ports';
import { newId, sampleAttempt, sampleCommit, sampleExecution, sampleRun, sampleShard } from '@exosphere/testkit/ledger-samples';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestLedger } from '../testing/open-test-ledger.ts';
import { openTestLedger } from '../testing/open-test-ledger.ts';

describe('what people ask of runs', () => {
  let under: TestLedger;
  const worker = newId<WorkerId>();
  beforeAll(async () => {
    under = await openTestLedger();
  });
  afterAll(() => under.close());

  const startAndClaim = async (cluster: string): Promise<ClaimedShard> => {
    const run = newId<RunId>();
    const shard = sampleShard(run, { size: 3 });
    await under.ledger.createRun(sampleRun(run, { shards: [shard], cluster, project: cluster.split('/')[0] ?? '' }));
    const [claimed] = await under.ledger.claimThese(worker, [shard.id]);
    if (claimed === undefined) throw new TypeError('the shard was not to be had');
    return claimed;
  };
  const record = async (shard: ClaimedShard, changes: Partial<CommitShard>): Promise<void> => {
    const outcome = await under.ledger.commit({
      slot: 0,
      shards: [sampleCommit(shard, { members: '[]', size: 3, ...changes })],
      newShards: [],
    });
    expect(outcome.kind).toBe('committed');
  };
  const logOf = (run: RunId, from: number, count: number): LogChunkRow => {
    const records = Array.from({ length: count }, (_, i) => ({
      ...{ time: '2026-01-01T00:00:00.000Z', level: (from + i) % 2 === 0 ? 'info' : 'error', run, step: (from + i) % 3 === 0 ? 'a' : 'b' },
      ...{ execution: null, attempt: null, message: `m${from + i}`, fields: {} },
    }));
    return { run, count, records: JSON.stringify(records) };
  };

  /** Transactions of other tests on the same server hold records back, too. */
  const settled = (run: RunId): Promise<void> =>
    expect.poll(async () => (await under.ledger.readLogChunks(run, null, 100)).waiting, { timeout: 10_000 }).toBe(false);

  it('lists runs, the newest first, by pages and filters', async () => {
    const runs: RunId[] = [];
    for (let i = 0; i < 5; i += 1) runs.push((await startAndClaim(i < 3 ? 'one/a' : 'two/b')).run);
    const all: RunId[] = [];
    let after: string | null = null;
    do {
      const page = await under.ledger.listRuns({}, { after, limit: 2 });
      all.push(...page.items.map((run) => run.id));
      after = page.next;
    } while (after !== null);
    expect(all).toEqual([...runs].reverse());
    const ids = async (filter: Parameters<typeof under.ledger.listRuns>[0]): Promise<readonly RunId[]> =>
      (await under.ledger.listRuns(filter, { after: null, limit: 10 })).items.map((run) => run.id);
    expect(await ids({ project: 'one' })).toEqual(runs.slice(0, 3).reverse());
    expect(await ids({ cluster: 'two/b', statuses: ['running'] })).toEqual(runs.slice(3).reverse());
    expect(await ids({ statuses: ['failed'] })).toEqual([]);
    expect(await ids({ late: true })).toEqual([]);
    expect(await ids({ acceptedFrom: Date.now() + 60_000 })).toEqual([]);
    expect(await under.ledger.findRun('two/b', 2)).toBe(runs[4]);
    expect(await under.ledger.findRun('two/b', 9)).toBeNull();
    await expect(under.ledger.listRuns({}, { after: 'x', limit: 1 })).rejects.toMatchObject({ code: 'bad-cursor' });
  });

  it('shows one run with its counters and what is open', async () => {
    const shard = await startAndClaim('three/c');
    await record(shard, { counts: [{ run: shard.run, step: 0, kind: 'completed', add: 2 }] });
    const detail = await under.ledger.readDetail(shard.run);
    expect(detail).toMatchObject({ queued: false, openMembers: 3, heldMembers: 3, counts: [{ step: 0, kind: 'completed', add: 2 }] });
    expect(detail?.run.status).toBe('running');
    expect(detail?.startedAt).toBeGreaterThan(1_700_000_000_000);
    expect(await under.ledger.readDetail(newId())).toBeNull();
  });

  it('shows what a run waits for, each reason once, in the order of steps', async () => {
    const run = newId<RunId>();
    const shards = [sampleShard(run), sampleShard(run), sampleShard(run)];
    await under.ledger.createRun(sampleRun(run, { shards, cluster: 'three/waits', project: 'three' }));
    const claimed = await under.ledger.claimThese(worker, shards.map(({ id }) => id)); // prettier-ignore
    const waits = [
      { step: 12, reason: 'no GPU' },
      { step: 2, reason: 'no image' },
      { step: 2, reason: 'no GPU' },
    ];
    const waiting = async (): Promise<unknown> => (await under.ledger.readDetail(run))?.waiting;
    expect(await waiting()).toEqual([]);
    for (const shard of claimed.slice(1)) await under.ledger.noteWaits(shard, waits, null);
    expect(await waiting()).toEqual([waits[2], waits[1], waits[0]]);
    for (const shard of claimed) await under.ledger.noteWaits(shard, [], null);
    expect(await waiting()).toEqual([]);
  });

  it('lists executions by step, status, place and error, in the order of items', async () => {
    const shard = await startAndClaim('four/d');
    const run = shard.run;
    const failed = { status: 'failed', output: null, objects: 0 } as const;
    const ended = [
      sampleExecution(run, [0, 1]),
      sampleExecution(run, [0, 0], { ...failed, error: '{"message":"100% of \\"it\\" is gone","code":"gone"}' }),
      sampleExecution(run, [0, 0, 4], { step: 1 }),
      sampleExecution(run, [0, 1, 2], { step: 1, ...failed, error: '{"message":"no way","code":"lost"}' }),
      sampleExecution(run, [0, 0], { step: 2, origin: 0, status: 'cancelled' }),
    ];
    await record(shard, { ended });
    const names = async (filter: Parameters<typeof under.ledger.listExecutions>[1]): Promise<readonly string[]> => {
      const found: string[] = [];
      let after: string | null = null;
      do {
        const page = await under.ledger.listExecutions(run, filter, { after, limit: 1 });
        found.push(...page.items.map((row) => `${row.step}/${row.path.join('.')}`));
        after = page.next;
      } while (after !== null);
      return found;
    };
    expect(await names({})).toEqual(['0/0.0', '0/0.1', '1/0.0.4', '1/0.1.2', '2/0.0']);
    expect(await names({ step: 1 })).toEqual(['1/0.0.4', '1/0.1.2']);
    expect(await names({ step: 1, below: [0, 1] })).toEqual(['1/0.1.2']);
    expect(await names({ statuses: ['failed'] })).toEqual(['0/0.0', '1/0.1.2']);
    expect(await names({ statuses: ['completed'] })).toEqual(['0/0.1', '1/0.0.4']);
    expect(await names({ origin: -1, statuses: ['cancelled'] })).toEqual([]);
    expect(await names({ errorText: '100% OF "it"' })).toEqual(['0/0.0']);
    expect(await names({ errorText: '1__%' })).toEqual([]);
    expect(await names({ errorText: 'lost' })).toEqual(['1/0.1.2']);
  });

  it('groups failures by step and error, and tells the attempts of one execution', async () => {
    const shard = await startAndClaim('five/e');
    const run = shard.run;
    const failedAt = (path: readonly number[], message: string): CommitShard['ended'][number] =>
      sampleExecution(run, path, { status: 'failed', error: JSON.stringify({ satellite: 's', message, code: 'c', attempts: 1 }) });
    await record(shard, {
      ended: [failedAt([0, 2], 'often'), failedAt([0, 10], 'often'), failedAt([0, 1], 'once'), sampleExecution(run, [0, 3])],
      attempts: [sampleAttempt(run, [0, 2], { attempt: 2 }), sampleAttempt(run, [0, 2])],
    });
    expect(await under.ledger.groupFailures(run, { limit: 5 })).toEqual([
      { step: 0, code: 'c', message: 'often', count: 2, example: { step: 0, path: [0, 2], origin: -1, round: 0 } },
      { step: 0, code: 'c', message: 'once', count: 1, example: { step: 0, path: [0, 1], origin: -1, round: 0 } },
    ]);
    expect(await under.ledger.groupFailures(run, { limit: 1 })).toHaveLength(1);
    const attempts = await under.ledger.readAttempts(run, { step: 0, path: [0, 2], origin: -1, round: 0 });
    expect(attempts).toMatchObject([
      { attempt: 1, worker },
      { attempt: 2, worker },
    ]);
  });

  it('reads log records in their order, by pages that may end inside a row', async () => {
    const shard = await startAndClaim('six/f');
    const run = shard.run;
    await record(shard, { logs: [logOf(run, 0, 3), logOf(run, 3, 2)] });
    await record(shard, { logs: [logOf(run, 5, 4)] });
    await settled(run);
    const messages: string[] = [];
    let after = null;
    do {
      const page = await under.ledger.readLogs(run, {}, { after, limit: 2 });
      messages.push(...page.records.map((one) => one.message));
      after = page.next;
    } while (after !== null);
    expect(messages).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8']);
    const errors = await under.ledger.readLogs(run, { leastLevel: 'error', step: 'b' }, { after: null, limit: 100 });
    expect(errors.records.map((one) => one.message)).toEqual(['m1', 'm5', 'm7']);
    expect(errors.next).toBeNull();
    await record(shard, { logs: [logOf(run, 9, 1)] });
    await settled(run);
    const rest = await under.ledger.readLogs(run, {}, { after: errors.last, limit: 100 });
    expect(rest.records.map((one) => one.message)).toEqual(['m9']);
  });

  it('passes over no record that a slower transaction writes', async () => {
    const shard = await startAndClaim('seven/g');
    const run = shard.run;
    await under.client.query('begin');
    await under.client.query('insert into exosphere.log_chunk (run, part, count, records) values ($1, 1, 1, $2)', [
      run,
      logOf(run, 0, 1).records,
    ]);
    await record(shard, { logs: [logOf(run, 1, 1)] });
    expect(await under.ledger.readLogChunks(run, null, 10)).toEqual({ chunks: [], waiting: true });
    await under.client.query('commit');
    await settled(run);
    const { chunks } = await under.ledger.readLogChunks(run, null, 10);
    expect(chunks.flatMap((chunk) => chunk.records.map((one) => one.message))).toEqual(['m0', 'm1']);
    expect(await under.ledger.readLogChunks(run, chunks[0]?.cursor ?? null, 10)).toEqual({ chunks: chunks.slice(1), waiting: false });
    expect(await under.ledger.readLogChunks(run, chunks[1]?.cursor ?? null, 10)).toEqual({ chunks: [], waiting: false });
  });

  it('lets one worker forward the records of a run, and keeps how far each sink has got', async () => {
    const run = newId<RunId>();
    const shard = sampleShard(run);
    await under.ledger.createRun(sampleRun(run, { shards: [shard], logs: 'pending' }));
    const [claimed] = await under.ledger.claimThese(worker, [shard.id]);
    const other = newId<WorkerId>();
    expect(await under.ledger.claimForwarding(worker, { max: 5 })).toEqual([{ run, ended: false }]);
    expect(await under.ledger.claimForwarding(other, { max: 5 })).toEqual([]);
    expect(await under.ledger.claimForwarding(worker, { max: 5 })).toHaveLength(1);
    if (claimed !== undefined)
      await under.ledger.commit({ slot: 0, shards: [sampleCommit(claimed, { logs: [logOf(run, 0, 2)] })], newShards: [] });
    await settled(run);
    const [chunk] = (await under.ledger.readLogChunks(run, null, 1)).chunks;
    const fresh = { cursor: null, status: 'pending', failingSince: null, error: null } as const;
    expect(await under.ledger.readSinks(run, ['b', 'a'])).toEqual([{ sink: 'b', ...fresh }, { sink: 'a', ...fresh }]); // prettier-ignore
    const state = {
      sink: 'a',
      cursor: chunk?.cursor ?? null,
      status: 'given-up',
      failingSince: 1_700_000_000_000,
      error: 'no way',
    } as const;
    expect(await under.ledger.advanceSink(other, run, state)).toBe(false);
    expect(await under.ledger.advanceSink(worker, run, state)).toBe(true);
    expect(await under.ledger.readSinks(run, ['a'])).toEqual([state]);
    expect(await under.ledger.finishForwarding(worker, run, 'given-up')).toBe(false);
    await under.ledger.endRun(run, { status: 'completed', reason: null });
    await under.ledger.releaseForwarding(worker, [run]);
    expect(await under.ledger.claimForwarding(other, { max: 5 })).toEqual([{ run, ended: true }]);
    expect(await under.ledger.finishForwarding(worker, run, 'given-up')).toBe(false);
    expect(await under.ledger.finishForwarding(other, run, 'given-up')).toBe(true);
    expect((await under.ledger.readRun(run))?.logs).toBe('given-up');
    expect(await under.ledger.claimForwarding(other, { max: 5 })).toEqual([]);
  });
});
