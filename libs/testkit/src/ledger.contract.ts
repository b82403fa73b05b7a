import type { EndedStatus, Json, RunId, ShardId, WorkerId } from '@exosphere/model';
import type { ClaimedShard, CommitOutcome, CommitShard, GateDelta, Ledger, NewRun, NewShard } from '@exosphere/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId, sampleAttempt, sampleChunk, sampleCommit, sampleExecution, sampleGate, sampleRun, sampleShard } from './ledger-samples.ts';

/** A ledger for one test, and the time as it sees it. */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  /** Lets so many ms pass: leases lapse, delays end. */
  readonly pass: (ms: number) => Promise<void>;
  /** Makes a blob known, as an upload does. */
  readonly addBlob: (project: string, digest: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Longer than any lease. */
const lapse = 25_000;

type Committed = Extract<CommitOutcome, { kind: 'committed' }>;

/** What every {@link Ledger} does. Call it in a test file of the adapter, with how to open an empty ledger. */
export function ledgerContract(name: string, open: () => Promise<LedgerUnderTest>): void {
  describe(`${name} as a ledger`, () => {
    let under: LedgerUnderTest;
    let ledger: Ledger;
    const worker = newId<WorkerId>();
    const other = newId<WorkerId>();
    beforeEach(async () => {
      under = await open();
      ledger = under.ledger;
    });
    afterEach(() => under.close());

    const start = async (changes: Partial<NewRun> = {}): Promise<RunId> => {
      const run = changes.id ?? newId<RunId>();
      const outcome = await ledger.createRun(sampleRun(run, changes));
      expect(outcome.kind).toBe('started');
      return run;
    };
    const claimOne = async (by: WorkerId = worker): Promise<ClaimedShard> => {
      const [shard] = await ledger.claim(by, { max: 1 });
      if (shard === undefined) throw new TypeError('no shard to claim');
      return shard;
    };
    const commit = (shards: readonly CommitShard[], newShards: readonly NewShard[] = []): Promise<CommitOutcome> =>
      ledger.commit({ slot: 0, shards, newShards });
    const committed = async (shards: readonly CommitShard[], newShards: readonly NewShard[] = []): Promise<Committed> => {
      const outcome = await commit(shards, newShards);
      if (outcome.kind !== 'committed') throw new TypeError(`not committed but ${JSON.stringify(outcome)}`);
      return outcome;
    };
    const startAndClaim = async (changes: Partial<NewRun> = {}): Promise<ClaimedShard> => {
      await start(changes);
      return claimOne();
    };
    /** Records something of a held shard, and keeps the shard. */
    const record = (shard: ClaimedShard, changes: Partial<CommitShard>): Promise<Committed> =>
      committed([sampleCommit(shard, { members: shard.members, size: shard.size, ...changes })]);

    describe('runs', () => {
      it('keeps a run as it was made, and numbers the runs of a cluster', async () => {
        const run = newId<RunId>();
        const made = await ledger.createRun(
          sampleRun(run, { environment: 'prod', items: [{ a: 1 }, { a: 2 }], logs: 'pending', origin: 'retry of 7' }),
        );
        expect(made).toMatchObject({ kind: 'started', number: 1, queued: false });
        const row = await ledger.readRun(run);
        expect(row).toMatchObject({
          ...{ id: run, number: 1, project: 'acme', cluster: 'acme/sample', revision: 'sha256:sample', environment: 'prod' },
          ...{ status: 'pending', control: 'go', round: 1, trigger: { kind: 'api-call' }, inputs: { n: 1 }, items: 2 },
          ...{ endedAt: null, late: false, logs: 'pending', reason: null, origin: 'retry of 7' },
        });
        expect((row?.deadline ?? 0) - (row?.acceptedAt ?? 0)).toBe(3_600_000);
        expect(await ledger.createRun(sampleRun(newId()))).toMatchObject({ number: 2 });
        expect(await ledger.readRun(newId())).toBeNull();
      });

      it('keeps one plan for each digest', async () => {
        await start();
        await start();
        expect(await ledger.readPlan('sha256:sample')).toMatchObject({ identifier: 'acme/sample' });
        expect(await ledger.readPlan('sha256:other')).toBeNull();
      });

      it('is running once a shard of it was taken, and ends once', async () => {
        const shard = await startAndClaim();
        expect((await ledger.readRun(shard.run))?.status).toBe('running');
        expect(await ledger.endRun(shard.run, { status: 'completed', reason: null })).toBe(false);
        await committed([sampleCommit(shard)]);
        expect(await ledger.endRun(shard.run, { status: 'partial', reason: 'one was missed' })).toBe(true);
        expect(await ledger.endRun(shard.run, { status: 'completed', reason: null })).toBe(false);
        const row = await ledger.readRun(shard.run);
        expect(row).toMatchObject({ status: 'partial', reason: 'one was missed' });
        expect(row?.endedAt).toBeGreaterThanOrEqual(row?.acceptedAt ?? 0);
      });

      it('is late once its deadline has passed', async () => {
        const run = await start({ slaMs: 1_000 });
        expect((await ledger.readRun(run))?.late).toBe(false);
        await under.pass(2_000);
        expect((await ledger.readRun(run))?.late).toBe(true);
      });

      it('names the runs that have no shard and have not ended', async () => {
        const shard = await startAndClaim();
        await start();
        expect(await ledger.settledRuns(10)).toEqual([]);
        await committed([sampleCommit(shard)]);
        expect(await ledger.settledRuns(10)).toEqual([shard.run]);
        await ledger.endRun(shard.run, { status: 'completed', reason: null });
        expect(await ledger.settledRuns(10)).toEqual([]);
      });

      it('begins a chain of the whole run once a round, when it has no shard left', async () => {
        const shard = await startAndClaim();
        const chain = [sampleShard(shard.run)];
        expect(await ledger.addShards(shard.run, chain, [], 'run-chain')).toBe(false);
        await committed([sampleCommit(shard)]);
        expect(await ledger.hasRunChain(shard.run)).toBe(false);
        expect(await ledger.addShards(shard.run, chain, [], 'run-chain')).toBe(true);
        expect(await ledger.hasRunChain(shard.run)).toBe(true);
        const claimed = await claimOne();
        await committed([sampleCommit(claimed)]);
        expect(await ledger.addShards(shard.run, [sampleShard(shard.run)], [], 'run-chain')).toBe(false);
      });

      it('adds no chain to a run that has ended', async () => {
        const shard = await startAndClaim();
        await committed([sampleCommit(shard)]);
        await ledger.endRun(shard.run, { status: 'completed', reason: null });
        expect(await ledger.addShards(shard.run, [sampleShard(shard.run)], [], 'run-chain')).toBe(false);
      });
    });

    describe('concurrency of runs (rule 56)', () => {
      const grouped = (onConflict: 'queue' | 'skip' | 'cancel-running', limit = 1): Partial<NewRun> => ({
        concurrency: { group: 'g', limit, onConflict },
      });
      const finish = async (shard: ClaimedShard, status: 'completed' | 'cancelled' = 'completed'): Promise<void> => {
        await committed([sampleCommit(shard)]);
        expect(await ledger.endRun(shard.run, { status, reason: null })).toBe(true);
      };

      it('lets runs wait in order, and starts the next when one ends', async () => {
        const first = await start(grouped('queue'));
        const waiting = [newId<RunId>(), newId<RunId>()] as const;
        for (const run of waiting)
          expect(await ledger.createRun(sampleRun(run, grouped('queue')))).toMatchObject({ kind: 'started', queued: true });
        const shard = await claimOne();
        expect(shard.run).toBe(first);
        expect(await ledger.claim(worker, { max: 5 })).toEqual([]);
        await under.pass(10_000);
        await ledger.wakeDue();
        expect(await ledger.claim(other, { max: 5 })).toEqual([]);
        await finish(shard);
        const [next, ...none] = await ledger.claim(worker, { max: 5 });
        expect(none).toEqual([]);
        expect(next?.run).toBe(waiting[0]);
        expect((await ledger.readRun(waiting[1]))?.status).toBe('pending');
      });

      it('makes no run for `skip`, and names those in the way', async () => {
        const first = await start(grouped('skip'));
        const skipped = newId<RunId>();
        expect(await ledger.createRun(sampleRun(skipped, grouped('skip')))).toEqual({ kind: 'skipped', because: [first] });
        expect(await ledger.readRun(skipped)).toBeNull();
        await finish(await claimOne());
        expect(await ledger.createRun(sampleRun(newId(), grouped('skip')))).toMatchObject({ kind: 'started', queued: false });
      });

      it('cancels the oldest runs for `cancel-running`; the new one starts when they have ended', async () => {
        const first = await start(grouped('cancel-running', 2));
        const second = await start(grouped('cancel-running', 2));
        const third = newId<RunId>();
        const shards = await ledger.claim(worker, { max: 5 });
        expect(await ledger.createRun(sampleRun(third, grouped('cancel-running', 2)))).toMatchObject({ kind: 'started', queued: true });
        expect((await ledger.readRun(first))?.control).toBe('cancelling');
        expect((await ledger.readRun(second))?.control).toBe('go');
        expect(await ledger.claim(worker, { max: 5 })).toEqual([]);
        const ending = shards.find((shard) => shard.run === first);
        if (ending === undefined) throw new TypeError('the first run was not claimed');
        await finish(ending, 'cancelled');
        expect((await claimOne()).run).toBe(third);
      });

      it('cancels a waiting run, whose shard can then be taken to be cancelled', async () => {
        await start(grouped('queue'));
        const waiting = newId<RunId>();
        await ledger.createRun(sampleRun(waiting, grouped('queue')));
        await claimOne();
        expect(await ledger.control(waiting, 'cancelling')).toBe('cancelling');
        const shard = await claimOne(other);
        expect(shard.run).toBe(waiting);
        await finish(shard, 'cancelled');
      });

      it('has a group for each cluster', async () => {
        await start(grouped('queue'));
        expect(await ledger.createRun(sampleRun(newId(), { ...grouped('queue'), cluster: 'acme/other' }))).toMatchObject({
          queued: false,
          number: 1,
        });
      });
    });

    describe('shards', () => {
      it('gives a shard to one worker, with the epoch of the lease', async () => {
        const run = await start({ shards: [] });
        await start();
        const [shard] = await ledger.claim(worker, { max: 5 });
        expect(shard).toMatchObject({ members: '[{"s":0,"p":[0]}]', size: 1, epoch: 1, losses: 0, permits: null, limit: null });
        expect(shard?.run).not.toBe(run);
        expect(await ledger.claim(other, { max: 5 })).toEqual([]);
        expect(await ledger.claimThese(other, [shard?.id ?? newId()])).toEqual([]);
      });

      it('gives at most `max`, the most urgent first', async () => {
        const run = newId<RunId>();
        const [late, soon, middle] = [9_000, 1_000, 5_000].map((priority) => sampleShard(run, { priority }));
        await start({ id: run, shards: [late, soon, middle].filter((shard) => shard !== undefined) });
        expect((await ledger.claim(worker, { max: 2 })).map((shard) => shard.id)).toEqual([soon?.id, middle?.id]);
        expect((await ledger.claim(worker, { max: 2 })).map((shard) => shard.id)).toEqual([late?.id]);
      });

      it('takes shards by name, without a wake-up', async () => {
        const run = newId<RunId>();
        const shard = sampleShard(run);
        await start({ id: run, shards: [shard] });
        expect(await ledger.claimThese(worker, [shard.id, newId()])).toMatchObject([{ id: shard.id, epoch: 1 }]);
        expect(await ledger.claim(other, { max: 5 })).toEqual([]);
      });

      it('gives a lapsed shard to another, counts the loss, and records nothing of the first any more (DAG-02)', async () => {
        const lost = await startAndClaim();
        await under.pass(lapse);
        await ledger.wakeDue();
        const taken = await claimOne(other);
        expect(taken).toMatchObject({ id: lost.id, epoch: lost.epoch + 1, losses: 1 });
        const ended = [sampleExecution(lost.run, [0])];
        const counts = [{ run: lost.run, step: 0, kind: 'completed', add: 1 } as const];
        expect(await commit([sampleCommit(lost, { ended, counts })])).toEqual({ kind: 'stale', shards: [lost.id] });
        expect(await ledger.readExecutions({ run: lost.run, step: 0, origin: -1, keyRound: 0, paths: [[0]] })).toEqual([]);
        expect(await ledger.readCounts(lost.run)).toEqual([]);
        await committed([sampleCommit(taken, { ended, counts })]);
        expect(await ledger.readCounts(lost.run)).toEqual(counts);
      });

      it('records nothing of a batch with one stale shard in it (DAG-06)', async () => {
        const run = newId<RunId>();
        await start({ id: run, shards: [sampleShard(run), sampleShard(run)] });
        const [good, gone] = await ledger.claim(worker, { max: 2 });
        if (good === undefined || gone === undefined) throw new TypeError('two shards were expected');
        const batch = [
          sampleCommit(good, { ended: [sampleExecution(run, [0])] }),
          sampleCommit({ ...gone, epoch: 9 }, { ended: [sampleExecution(run, [1])] }),
        ];
        expect(await commit(batch, [sampleShard(run)])).toEqual({ kind: 'stale', shards: [gone.id] });
        expect(await ledger.readExecutionsBelow({ run, step: 0, scope: [], upToRound: null })).toEqual([]);
        expect(await ledger.readOpen(run)).toHaveLength(2);
      });

      it('renews leases, says which are lost, and what is asked of their runs', async () => {
        const kept = await startAndClaim();
        const lost = await startAndClaim();
        await ledger.control(kept.run, 'cancelling');
        const leases = [
          { shard: kept.id, epoch: kept.epoch, running: '[{"s":0,"p":[0]}]' },
          { shard: lost.id, epoch: lost.epoch + 1, running: '' },
        ];
        const news = await ledger.renew(worker, leases);
        expect(news.lost).toEqual([lost.id]);
        expect([...news.controls]).toEqual([[kept.run, 'cancelling']]);
        expect(news.at).toBeGreaterThan(1_700_000_000_000);
        expect(await ledger.readOpen(kept.run)).toMatchObject([{ held: true, running: '[{"s":0,"p":[0]}]' }]);
        expect((await ledger.renew(other, leases.slice(0, 1))).lost).toEqual([kept.id]);
      });

      it('keeps a lease that is renewed', async () => {
        const shard = await startAndClaim();
        for (let i = 0; i < 3; i += 1) {
          await under.pass(10_000);
          expect((await ledger.renew(worker, [{ shard: shard.id, epoch: shard.epoch, running: '' }])).lost).toEqual([]);
        }
        await ledger.wakeDue();
        expect(await ledger.claim(other, { max: 1 })).toEqual([]);
      });

      it('takes a lease back and counts nothing', async () => {
        const shard = await startAndClaim();
        await ledger.release([{ shard: shard.id, epoch: shard.epoch + 1, dueAt: null }]);
        expect(await ledger.claim(other, { max: 1 })).toEqual([]);
        await ledger.release([{ shard: shard.id, epoch: shard.epoch, dueAt: null }]);
        expect(await commit([sampleCommit(shard)])).toEqual({ kind: 'stale', shards: [shard.id] });
        expect(await claimOne(other)).toMatchObject({ id: shard.id, epoch: 2, losses: 0 });
      });

      it('puts a shard off', async () => {
        const shard = await startAndClaim();
        const { at } = await ledger.renew(worker, [{ shard: shard.id, epoch: 1, running: '' }]);
        await ledger.release([{ shard: shard.id, epoch: 1, dueAt: at + 60_000 }]);
        expect(await ledger.claim(other, { max: 1 })).toEqual([]);
        expect(await ledger.claimThese(other, [shard.id])).toEqual([]);
        const { nextDueAt } = await ledger.wakeDue();
        expect(nextDueAt).toBe(Math.floor(at + 60_000));
        await under.pass(61_000);
        await ledger.wakeDue();
        expect((await claimOne(other)).id).toBe(shard.id);
      });

      it('gives a part of a shard away', async () => {
        const run = newId<RunId>();
        await start({ id: run, shards: [sampleShard(run, { size: 4 })] });
        const shard = await claimOne();
        const give = [sampleShard(run, { members: '[{"s":0,"p":[1]}]', losses: 1 })];
        expect(await ledger.split({ id: shard.id, epoch: 9, members: '[]', size: 3 }, give)).toBe(false);
        expect(await ledger.claim(other, { max: 1 })).toEqual([]);
        expect(await ledger.split({ id: shard.id, epoch: 1, members: '[{"s":0,"p":[0]}]', size: 3 }, give)).toBe(true);
        expect(await claimOne(other)).toMatchObject({ id: give[0]?.id, members: '[{"s":0,"p":[1]}]', size: 1, losses: 1 });
        expect((await ledger.readOpen(run)).map((open) => open.size).sort()).toEqual([1, 3]);
      });

      it('makes shards: ready ones for anyone, delayed ones, and ones that the worker keeps', async () => {
        const shard = await startAndClaim();
        const { at } = await record(shard, {});
        const ready = sampleShard(shard.run);
        const delayed = sampleShard(shard.run, { dueAt: at + 30_000 });
        const kept = sampleShard(shard.run, { keep: true });
        await committed([sampleCommit(shard)], [ready, delayed, kept]);
        expect((await ledger.claim(other, { max: 5 })).map((claimed) => claimed.id)).toEqual([ready.id]);
        await committed([sampleCommit({ id: kept.id, run: shard.run, epoch: 1 }, { ended: [sampleExecution(shard.run, [0])] })]);
        await under.pass(31_000);
        await ledger.wakeDue();
        expect((await ledger.claim(other, { max: 5 })).map((claimed) => claimed.id)).toContain(delayed.id);
      });

      it('wakes a ready shard whose wake-up was taken without a lease', async () => {
        const run = await start();
        await ledger.control(run, 'paused');
        expect(await ledger.claim(worker, { max: 1 })).toEqual([]);
        await ledger.control(run, 'go');
        expect((await claimOne()).run).toBe(run);
      });

      it('tells who listens of new work', async () => {
        const ending = new AbortController();
        let calls = 0;
        const listening = ledger.listen(() => void (calls += 1), { signal: ending.signal });
        await expect.poll(() => calls, { timeout: 5_000 }).toBeGreaterThan(-1);
        await new Promise((resolve) => setTimeout(resolve, 200));
        const before = calls;
        await start();
        await expect.poll(() => calls, { timeout: 5_000 }).toBeGreaterThan(before);
        ending.abort();
        await listening;
      });
    });

    describe('max-parallel', () => {
      const limit = { step: 3, max: 5 };

      it('gives each shard a share of the permits, and none where none is free', async () => {
        const run = newId<RunId>();
        const shards = [3, 4, 2].map((size, i) => sampleShard(run, { size, limit, priority: i }));
        await start({ id: run, shards });
        const claimed = await ledger.claim(worker, { max: 3 });
        expect(claimed.map((shard) => [shard.size, shard.permits])).toEqual([
          [3, 3],
          [4, 2],
        ]);
        expect(claimed[0]?.limit).toEqual(limit);
        expect(await ledger.claimThese(other, [shards[2]?.id ?? newId()])).toEqual([]);
      });

      it('gives permits on when a shard ends, is released or lapses', async () => {
        const run = newId<RunId>();
        await start({ id: run, shards: [0, 1, 2, 3].map((priority) => sampleShard(run, { size: 5, limit, priority })) });
        const first = await claimOne();
        expect(await ledger.claim(other, { max: 1 })).toEqual([]);
        await committed([sampleCommit(first)]);
        const second = await claimOne(other);
        expect(second.permits).toBe(5);
        await ledger.release([{ shard: second.id, epoch: second.epoch, dueAt: null }]);
        expect(await ledger.claim(worker, { max: 4 })).toHaveLength(1);
        await under.pass(lapse);
        await ledger.wakeDue();
        expect(await ledger.claim(other, { max: 4 })).toHaveLength(1);
      });

      it('bounds each run on its own', async () => {
        for (let i = 0; i < 2; i += 1) {
          const run = newId<RunId>();
          await start({ id: run, shards: [sampleShard(run, { size: 5, limit })] });
        }
        expect((await ledger.claim(worker, { max: 4 })).map((shard) => shard.permits)).toEqual([5, 5]);
      });
    });

    describe('commits', () => {
      it('keeps executions as they were recorded', async () => {
        const shard = await startAndClaim();
        const full = sampleExecution(shard.run, [0, 2], {
          ...{ step: 2, origin: 1, keyRound: 1, status: 'failed', branch: 'skipped', round: 3, attempts: 4, retries: 2, startedAt: null },
          ...{
            output: '{"z":1,"a":"ü\\u0000\\"{}"}',
            objects: 3,
            error: '{"message":"x, \\"y\\""}',
            metrics: '{"ms":1}',
            note: 'continued',
            collected: [3, 0],
          },
        });
        const plain = sampleExecution(shard.run, []);
        await committed([sampleCommit(shard, { ended: [full, plain] })]);
        expect(await ledger.readExecutions({ run: shard.run, step: 2, origin: 1, keyRound: 1, paths: [[0, 2]] })).toEqual([full]);
        expect(await ledger.readExecutions({ run: shard.run, step: 0, origin: -1, keyRound: 0, paths: [[]] })).toEqual([plain]);
      });

      it('answers with the control of each run and the time, and says when no shard is left', async () => {
        const first = await startAndClaim();
        const second = await startAndClaim();
        await ledger.control(second.run, 'stopping');
        const outcome = await committed([sampleCommit(first), sampleCommit(second, { size: 1, members: '[{"s":0,"p":[0]}]' })]);
        expect(outcome.settled).toEqual([first.run]);
        expect(new Map(outcome.controls)).toEqual(new Map([[first.run, 'go'], [second.run, 'stopping']])); // prettier-ignore
        expect(outcome.at).toBeGreaterThan(1_700_000_000_000);
        expect((await committed([sampleCommit(second)])).settled).toEqual([second.run]);
      });

      it('does not call a run settled that goes on in another shard', async () => {
        const shard = await startAndClaim();
        expect((await committed([sampleCommit(shard)], [sampleShard(shard.run)])).settled).toEqual([]);
      });

      it('adds counters up over batches, shards and slots', async () => {
        const shard = await startAndClaim();
        const count = (kind: EndedStatus | 'objects', add: number): CommitShard['counts'][number] => ({
          run: shard.run,
          step: 1,
          kind,
          add,
        });
        await record(shard, { counts: [count('completed', 2), count('completed', 3), count('objects', 7)] });
        await ledger.commit({ slot: 5, shards: [sampleCommit(shard, { counts: [count('completed', 1)] })], newShards: [] });
        expect(await ledger.readCounts(shard.run)).toEqual([count('completed', 6), count('objects', 7)]);
      });

      it('rewrites the members of a shard that goes on', async () => {
        const shard = await startAndClaim();
        await record(shard, { members: '[{"s":1,"p":[0]}]', size: 1 });
        await under.pass(lapse);
        await ledger.wakeDue();
        expect(await claimOne(other)).toMatchObject({ id: shard.id, members: '[{"s":1,"p":[0]}]' });
      });

      it('refuses values whose blobs are gone, and records nothing', async () => {
        const shard = await startAndClaim();
        await under.addBlob('acme', 'sha256:there');
        const ended = [sampleExecution(shard.run, [0])];
        expect(await commit([sampleCommit(shard, { ended, blobs: ['sha256:there', 'sha256:gone'] })])).toEqual({
          kind: 'blob-gone',
          digests: ['sha256:gone'],
        });
        expect(await ledger.readExecutionsBelow({ run: shard.run, step: 0, scope: [], upToRound: null })).toEqual([]);
        await record(shard, { ended, blobs: ['sha256:there'] });
        await committed([sampleCommit(shard, { blobs: ['sha256:there'] })]);
      });

      it('stops a run whose failures exceed what is allowed', async () => {
        const shard = await startAndClaim({ allowed: [{ basis: -2, allowed: 1 }] });
        const failures = [{ run: shard.run, basis: -2, add: 1 }];
        expect((await record(shard, { failures })).controls.get(shard.run)).toBe('go');
        expect((await record(shard, { failures })).controls.get(shard.run)).toBe('stopping');
        expect((await ledger.readRun(shard.run))?.control).toBe('stopping');
      });

      it('stops a run when the number of allowed failures becomes known too late', async () => {
        const shard = await startAndClaim();
        await record(shard, { failures: [{ run: shard.run, basis: 4, add: 3 }] });
        expect(await ledger.allowFailures(shard.run, 4, 3)).toBe(false);
        expect((await ledger.readRun(shard.run))?.control).toBe('go');
        expect(await ledger.allowFailures(shard.run, 4, 2)).toBe(true);
        expect((await ledger.readRun(shard.run))?.control).toBe('stopping');
      });
    });

    describe('gates', () => {
      const key = { step: 7, path: [], origin: -1, round: 0 };
      const change = (shard: ClaimedShard, ...gates: readonly Partial<GateDelta>[]): Promise<Committed> =>
        record(shard, { gates: gates.map((gate) => sampleGate(shard.run, gate)) });

      it('fires when what is before it has ended, once, as a shard of the worker', async () => {
        const shard = await startAndClaim();
        expect((await change(shard, {})).fired).toEqual([]);
        expect(await ledger.readGates(shard.run, [key])).toMatchObject([{ open: 1, tally: [1, 0], decided: false, decidedAt: null }]);
        const { fired } = await change(shard, { tally: [0, 1, 2] });
        expect(fired).toMatchObject([{ run: shard.run, epoch: 1, size: 1, losses: 0 }]);
        expect(JSON.parse(fired[0]?.members ?? '')).toEqual([{ s: 7, p: [], g: 1 }]);
        const [gate] = await ledger.readGates(shard.run, [key]);
        expect(gate).toMatchObject({ open: 0, tally: [1, 1, 2], decided: true, branch: 'live' });
        expect(gate?.decidedAt).toBeGreaterThan(1_700_000_000_000);
        expect((await change(shard, { open: 1 })).fired).toEqual([]);
        expect((await change(shard, { open: -1 })).fired).toEqual([]);
        expect(await ledger.claim(other, { max: 5 })).toEqual([]);
        const [made] = fired;
        if (made !== undefined) await committed([sampleCommit(made, { ended: [sampleExecution(shard.run, [], { step: 7 })] })]);
      });

      it('fires in the commit that makes it, where nothing is before it any more', async () => {
        const shard = await startAndClaim();
        const { fired } = await change(shard, {}, {});
        expect(JSON.parse(fired[0]?.members ?? '')).toEqual([{ s: 7, p: [], g: 1 }]);
      });

      it('makes one shard of all gates of a run, each with what is special of it', async () => {
        const shard = await startAndClaim();
        const now = { initial: 1, open: -1 };
        const { fired } = await change(
          shard,
          { ...now, path: [0, 3], branch: 'failed' },
          { ...now, path: [0, 1] },
          { ...now, step: 8, origin: 2, keyRound: 1 },
        );
        expect(fired).toHaveLength(1);
        expect(fired[0]?.size).toBe(3);
        const members = JSON.parse(fired[0]?.members ?? '') as Json[];
        expect(members).toHaveLength(3);
        expect(members).toEqual(expect.arrayContaining([{ s: 7, p: [0, 3], b: 'failed', g: 1 }, { s: 7, p: [0, 1], g: 1 }, { s: 8, p: [], o: 2, n: 1, g: 1 }])); // prettier-ignore
      });

      it('fires while the run ends only if it always does', async () => {
        const shard = await startAndClaim();
        await ledger.control(shard.run, 'cancelling');
        const due = { initial: 1, open: -1 };
        const { fired } = await change(shard, due, { ...due, step: 8, fires: 'always' });
        expect(JSON.parse(fired[0]?.members ?? '')).toEqual([{ s: 8, p: [], g: 1 }]);
        await ledger.control(shard.run, 'cancelling-all');
        expect((await change(shard, { ...due, step: 9, fires: 'always' })).fired).toEqual([]);
      });

      it('counts items that come too late for it', async () => {
        const shard = await startAndClaim();
        await change(shard, { initial: 1, open: -1, late: 1 });
        await change(shard, { open: 1, late: 0 });
        await change(shard, { open: -1, late: 2 });
        expect(await ledger.readCounts(shard.run)).toEqual([{ run: shard.run, step: 7, kind: 'late', add: 2 }]);
      });

      it('is decided as the run begins, where nothing is before it', async () => {
        const run = newId<RunId>();
        await start({ id: run, shards: [], items: [], gates: [sampleGate(run, { initial: 0, open: 0, tally: [] })] });
        const shard = await claimOne();
        expect(JSON.parse(shard.members)).toEqual([{ s: 7, p: [], g: 1 }]);
      });

      it('reads gates that there are, in the order of the question', async () => {
        const shard = await startAndClaim();
        await change(shard, { path: [1] }, { path: [0], open: 0 });
        const gates = await ledger.readGates(shard.run, [{ ...key, path: [1] }, { ...key, path: [5] }, { ...key, path: [0] }]); // prettier-ignore
        expect(gates.map((gate) => [gate.path, gate.open])).toEqual([[[1], 1], [[0], 2]]); // prettier-ignore
      });
    });

    describe('what was recorded', () => {
      it("reads the trigger's items in parts", async () => {
        const items = Array.from({ length: 1_203 }, (_, n) => ({ n }));
        const run = await start({ items });
        const read = (from: number, count: number): Promise<readonly Json[]> =>
          ledger.readObjects({ run, step: -1, path: [], origin: -1, keyRound: 0, from, count });
        expect(await read(0, 3)).toEqual(items.slice(0, 3));
        expect(await read(498, 4)).toEqual(items.slice(498, 502));
        expect(await read(1_200, 100)).toEqual(items.slice(1_200));
        expect(await read(2_000, 100)).toEqual([]);
        expect(await read(0, 2_000)).toEqual(items);
      });

      it('reads objects out of chunks, and the one object of an execution', async () => {
        const shard = await startAndClaim();
        const run = shard.run;
        const chunks = [sampleChunk(run, [0]), sampleChunk(run, [0], { from: 2, count: 1, objects: '[{"i":2}]' })];
        const ended = [sampleExecution(run, [0], { output: null, objects: 3 }), sampleExecution(run, [1])];
        await record(shard, { chunks, ended });
        const list = { run, step: 0, origin: -1, keyRound: 0 };
        expect(await ledger.readObjects({ ...list, path: [0], from: 1, count: 5 })).toEqual([{ i: 1 }, { i: 2 }]);
        expect(await ledger.readObjects({ ...list, keyRound: null, path: [0], from: 2, count: 1 })).toEqual([{ i: 2 }]);
        expect(await ledger.readObjects({ ...list, path: [1], from: 0, count: 5 })).toEqual([{ at: '1' }]);
        const read = [];
        for await (const chunk of ledger.readChunks({ ...list, path: [0] })) read.push(chunk);
        expect(read).toEqual(chunks);
      });

      it('reads executions at paths, the newest key round where it is open', async () => {
        const shard = await startAndClaim();
        const run = shard.run;
        const ended = [sampleExecution(run, [0]), sampleExecution(run, [0], { keyRound: 2, round: 3 }), sampleExecution(run, [1])];
        await record(shard, { ended });
        const at = { run, step: 0, origin: -1, paths: [[1], [5], [0]] };
        expect(await ledger.readExecutions({ ...at, keyRound: 0 })).toEqual([ended[2], ended[0]]);
        expect(await ledger.readExecutions({ ...at, keyRound: null })).toEqual([ended[2], ended[1]]);
      });

      it('reads executions below a scope in item order, up to a round', async () => {
        const shard = await startAndClaim();
        const run = shard.run;
        const paths = [[0, 10], [0, 2], [1], [0], [0, 2, 5], [0, -1], [10], [0, 3]]; // prettier-ignore
        await record(shard, { ended: paths.map((path, i) => sampleExecution(run, path, { round: i === 0 ? 2 : 1 })) });
        const below = async (scope: readonly number[], upToRound: number | null): Promise<readonly (readonly number[])[]> =>
          (await ledger.readExecutionsBelow({ run, step: 0, scope, upToRound })).map((row) => row.path);
        expect(await below([], null)).toEqual([[0], [0, -1], [0, 2], [0, 2, 5], [0, 3], [0, 10], [1], [10]]); // prettier-ignore
        expect(await below([0], 1)).toEqual([[0], [0, -1], [0, 2], [0, 2, 5], [0, 3]]); // prettier-ignore
        expect(await below([0, 2], null)).toEqual([[0, 2], [0, 2, 5]]); // prettier-ignore
        expect(await below([7], null)).toEqual([]);
      });

      it('lists objects of completed executions, chunks and rows alike, in item order', async () => {
        const shard = await startAndClaim();
        const run = shard.run;
        const ended = [
          sampleExecution(run, [0, 1], { output: null, objects: 3 }),
          sampleExecution(run, [0, 0]),
          sampleExecution(run, [0, 2], { status: 'failed', output: null, objects: 0 }),
          sampleExecution(run, [0, 3], { output: null, objects: 0 }),
          sampleExecution(run, [0, 4], { round: 2 }),
          sampleExecution(run, [1, 0]),
        ];
        const chunks = [
          sampleChunk(run, [0, 1], { from: 2, count: 1, objects: '[{"i":2}]' }),
          sampleChunk(run, [0, 1]),
          sampleChunk(run, [0, 2]),
        ];
        await record(shard, { ended, chunks });
        const of = { run, step: 0, scope: [0], upToRound: 1 };
        const objects = [{ at: '0.0' }, { i: 0 }, { i: 1 }, { i: 2 }];
        expect(await ledger.readList(of, { objects: 4, bytes: 1_000 })).toEqual({ kind: 'list', objects });
        expect(await ledger.readList(of, { objects: 3, bytes: 1_000 })).toMatchObject({ kind: 'too-large', objects: 4 });
        const large = await ledger.readList(of, { objects: 1_000, bytes: 20 });
        expect(large).toMatchObject({ kind: 'too-large', objects: 4 });
        expect(large.kind === 'too-large' && large.bytes).toBeGreaterThan(20);
        const streamed: Json[] = [];
        for await (const some of ledger.streamList({ ...of, upToRound: null })) streamed.push(...some);
        expect(streamed).toEqual([...objects, { at: '0.4' }]);
        expect(await ledger.readList({ ...of, scope: [9] }, { objects: 1, bytes: 1 })).toEqual({ kind: 'list', objects: [] });
      });

      it('streams a list of thousands of rows and chunks without a gap', async () => {
        const shard = await startAndClaim();
        const run = shard.run;
        const pad = 'x'.repeat(1_000);
        for (let part = 0; part < 3; part += 1) {
          const ended = Array.from({ length: 900 }, (_, i) =>
            sampleExecution(run, [part * 900 + i], { output: `{"n":${part * 900 + i}}` }),
          );
          await record(shard, { ended });
        }
        const texts = Array.from({ length: 12 }, (_, chunk) =>
          Array.from({ length: 500 }, (__, i) => `{"n":${2_700 + chunk * 500 + i},"pad":"${pad}"}`),
        );
        const chunks = texts.map((list, i) => sampleChunk(run, [2_700], { from: i * 500, count: 500, objects: `[${list.join(',')}]` }));
        await record(shard, {
          chunks,
          ended: [sampleExecution(run, [2_700], { output: null, objects: 6_000 }), sampleExecution(run, [2_701], { output: '{"n":8700}' })],
        });
        const numbers: Json[] = [];
        for await (const some of ledger.streamList({ run, step: 0, scope: [], upToRound: null }))
          numbers.push(...some.map((object) => (object as { n: number }).n));
        expect(numbers).toEqual(Array.from({ length: 8_701 }, (_, n) => n));
      });

      it('knows the last attempt of each path', async () => {
        const shard = await startAndClaim();
        const run = shard.run;
        await record(shard, {
          attempts: [
            sampleAttempt(run, [0]),
            sampleAttempt(run, [0], { attempt: 2 }),
            sampleAttempt(run, [1], { keyRound: 1, attempt: 5 }),
          ],
        });
        const of = { run, step: 0, origin: -1, paths: [[1], [0], [2]] };
        expect(await ledger.readLastAttempts({ ...of, keyRound: 0 })).toEqual([0, 2, 0]);
        expect(await ledger.readLastAttempts({ ...of, keyRound: null })).toEqual([5, 2, 0]);
      });

      it('reads what a retry looks at in pages, each execution once', async () => {
        const shard = await startAndClaim();
        const run = shard.run;
        const ended = [
          sampleExecution(run, [0], { status: 'failed' }),
          sampleExecution(run, [1], { status: 'cancelled' }),
          sampleExecution(run, [2], { status: 'failed', step: 1 }),
          sampleExecution(run, [2], { status: 'failed', step: 3, origin: 1, keyRound: 1 }),
          sampleExecution(run, [3], { status: 'completed', branch: 'failed' }),
          sampleExecution(run, [4]),
        ];
        await record(shard, { ended });
        const all = async (which: 'failed' | 'cancelled' | 'dead'): Promise<readonly string[]> => {
          const found: string[] = [];
          let after = null;
          for (;;) {
            const page = await ledger.readEnded(run, { after, limit: 1, which });
            const last = page.at(-1);
            if (last === undefined) return found.sort();
            found.push(...page.map((row) => `${row.step}/${row.path.join('.')}`));
            after = { step: last.step, path: last.path, origin: last.origin, round: last.keyRound };
          }
        };
        expect(await all('failed')).toEqual(['0/0', '1/2', '3/2']);
        expect(await all('cancelled')).toEqual(['0/1']);
        expect(await all('dead')).toEqual(['0/3']);
      });
    });

    describe('control', () => {
      it('only rises, but for a pause', async () => {
        const run = await start();
        expect(await ledger.control(run, 'paused')).toBe('paused');
        expect(await ledger.control(run, 'go')).toBe('go');
        expect(await ledger.control(run, 'cancelling')).toBe('cancelling');
        expect(await ledger.control(run, 'stopping')).toBe('cancelling');
        expect(await ledger.control(run, 'paused')).toBe('cancelling');
        expect(await ledger.control(run, 'cancelling-all')).toBe('cancelling-all');
        expect(await ledger.control(newId(), 'paused')).toBeNull();
      });

      it('is null for a run that has ended', async () => {
        const shard = await startAndClaim();
        await committed([sampleCommit(shard)]);
        await ledger.endRun(shard.run, { status: 'completed', reason: null });
        expect(await ledger.control(shard.run, 'cancelling')).toBeNull();
      });

      it('gives out no shard of a paused run until it goes on', async () => {
        const run = await start();
        await ledger.control(run, 'paused');
        await under.pass(70_000);
        await ledger.wakeDue();
        expect(await ledger.claim(worker, { max: 5 })).toEqual([]);
        await ledger.control(run, 'go');
        expect((await claimOne()).run).toBe(run);
      });

      it('makes delayed shards due when the run is cancelled', async () => {
        const shard = await startAndClaim();
        const { at } = await record(shard, {});
        const delayed = sampleShard(shard.run, { dueAt: at + 3_600_000 });
        await committed([sampleCommit(shard)], [delayed]);
        await ledger.control(shard.run, 'cancelling');
        expect((await claimOne(other)).id).toBe(delayed.id);
      });

      it('makes a shard due that is delayed while the run is being cancelled', async () => {
        const shard = await startAndClaim();
        const { at } = await record(shard, {});
        await ledger.control(shard.run, 'cancelling');
        const delayed = sampleShard(shard.run, { dueAt: at + 3_600_000 });
        await committed([sampleCommit(shard)], [delayed]);
        await ledger.wakeDue();
        expect((await claimOne(other)).id).toBe(delayed.id);
      });
    });

    describe('rate limits', () => {
      const rate = { cluster: 'acme/sample', step: 'call', key: '', limit: 10, perMs: 60_000 };

      it('grants what is left in the window, and says when to ask again', async () => {
        expect(await ledger.takeRate({ ...rate, want: 7 })).toMatchObject({ granted: 7 });
        const second = await ledger.takeRate({ ...rate, want: 7 });
        expect(second.granted).toBe(3);
        expect(await ledger.takeRate({ ...rate, want: 1 })).toMatchObject({ granted: 0 });
        expect(await ledger.takeRate({ ...rate, key: 'other', want: 10 })).toMatchObject({ granted: 10 });
        const { at } = await ledger.renew(worker, []);
        expect(second.nextAt).toBeGreaterThan(at + 50_000);
        expect(second.nextAt).toBeLessThanOrEqual(at + 61_000);
        await under.pass(61_000);
        expect(await ledger.takeRate({ ...rate, want: 20 })).toMatchObject({ granted: 10 });
      });

      it('never grants too much to many at once', async () => {
        const grants = await Promise.all(Array.from({ length: 20 }, () => ledger.takeRate({ ...rate, want: 3 })));
        expect(grants.reduce((sum, grant) => sum + grant.granted, 0)).toBe(10);
      });
    });

    describe('a new round', () => {
      const ended = async (changes: Partial<CommitShard>): Promise<RunId> => {
        const shard = await startAndClaim();
        const { fired } = await committed([sampleCommit(shard, changes)]);
        for (const gate of fired) await committed([sampleCommit(gate)]);
        expect(await ledger.endRun(shard.run, { status: 'failed', reason: 'so' })).toBe(true);
        return shard.run;
      };
      const nothing = { slaMs: 60_000, remove: [], removeGates: [], gates: [], counts: [], failures: [], shards: [] };

      it('lets an ended run go again, with its shards', async () => {
        const run = await ended({ ended: [], counts: [] });
        const shard = sampleShard(run);
        await ledger.reopen({ ...nothing, run, round: 2, shards: [shard] });
        const row = await ledger.readRun(run);
        expect(row).toMatchObject({ round: 2, status: 'running', control: 'go', endedAt: null, reason: null });
        expect((await claimOne()).id).toBe(shard.id);
        expect(await ledger.hasRunChain(run)).toBe(false);
      });

      it('is opened by one of two, and not while the run goes', async () => {
        const run = await ended({});
        await ledger.reopen({ ...nothing, run, round: 2, shards: [sampleShard(run)] });
        await expect(ledger.reopen({ ...nothing, run, round: 2 })).rejects.toMatchObject({ code: 'run-changed', retryable: true });
        await expect(ledger.reopen({ ...nothing, run, round: 3 })).rejects.toMatchObject({ code: 'run-changed' });
        expect(await ledger.readOpen(run)).toHaveLength(1);
      });

      it('takes back what is no longer true, and keeps the failed attempts', async () => {
        const base = newId<RunId>();
        const run = await ended({});
        expect(run).not.toBe(base);
        await ledger.reopen({ ...nothing, run, round: 2, shards: [sampleShard(run)] });
        const shard = await claimOne();
        const failed = sampleExecution(run, [0], { status: 'failed' });
        await committed([
          sampleCommit(shard, {
            ended: [failed, sampleExecution(run, [1])],
            attempts: [sampleAttempt(run, [0])],
            counts: [{ run, step: 0, kind: 'failed', add: 1 }],
            failures: [{ run, basis: -2, add: 1 }],
          }),
        ]);
        await ledger.endRun(run, { status: 'failed', reason: null });
        await ledger.reopen({
          ...{ ...nothing, run, round: 3, shards: [sampleShard(run)], counts: [{ run, step: 0, kind: 'failed', add: -1 }] },
          ...{ remove: [{ step: 0, path: [0], origin: -1, round: 0 }], failures: [{ run, basis: -2, add: -1 }] },
        });
        expect((await ledger.readExecutionsBelow({ run, step: 0, scope: [], upToRound: null })).map((row) => row.path)).toEqual([[1]]);
        expect(await ledger.readLastAttempts({ run, step: 0, origin: -1, keyRound: 0, paths: [[0]] })).toEqual([1]);
        expect((await ledger.readCounts(run)).filter((count) => count.add !== 0)).toEqual([]);
        expect(await ledger.allowFailures(run, -2, 0)).toBe(false);
      });

      it('asks gates anew that have no execution, and decides those that stand at 0', async () => {
        const shard = await startAndClaim();
        const run = shard.run;
        const due = { initial: 1, open: -1 };
        const gates = [
          sampleGate(run, { ...due, step: 5 }),
          sampleGate(run, { ...due, step: 6 }),
          sampleGate(run, { ...due, step: 7, path: [1] }),
          sampleGate(run, { ...due, step: 8, branch: 'failed' }),
        ];
        const { fired } = await committed([sampleCommit(shard, { gates })]);
        for (const gate of fired) await committed([sampleCommit(gate, { ended: [sampleExecution(run, [], { step: 6 })] })]);
        await ledger.endRun(run, { status: 'failed', reason: null });
        await ledger.reopen({
          ...{ ...nothing, run, round: 2, removeGates: [{ step: 8, path: [], origin: -1, round: 0 }] },
          gates: [sampleGate(run, { step: 7, path: [1], initial: 0, open: 1, tally: [-1] })],
        });
        const members = (await ledger.claim(worker, { max: 9 })).flatMap((claimed) => JSON.parse(claimed.members) as Json[]);
        expect(members).toEqual([{ s: 5, p: [], g: 1 }]);
        const read = await ledger.readGates(
          run,
          [5, 6, 7, 8].map((step) => ({ step, path: step === 7 ? [1] : [], origin: -1, round: 0 })),
        );
        expect(read.map((gate) => [gate.step, gate.open, gate.decided])).toEqual([[5, 0, true], [6, 0, true], [7, 1, false]]); // prettier-ignore
      });

      it('waits for its concurrency group again', async () => {
        const concurrency = { group: 'g', limit: 1, onConflict: 'queue' } as const;
        const first = await startAndClaim({ concurrency });
        await committed([sampleCommit(first)]);
        await ledger.endRun(first.run, { status: 'failed', reason: null });
        const second = await startAndClaim({ concurrency });
        const again = sampleShard(first.run);
        await ledger.reopen({ ...nothing, run: first.run, round: 2, shards: [again] });
        expect(await ledger.claim(worker, { max: 5 })).toEqual([]);
        await committed([sampleCommit(second)]);
        await ledger.endRun(second.run, { status: 'completed', reason: null });
        expect((await claimOne()).id).toBe(again.id);
      });
    });

    it('gives 20 workers that claim at once each shard once (DAG-04)', async () => {
      const run = newId<RunId>();
      const shards = Array.from({ length: 40 }, () => sampleShard(run));
      await start({ id: run, shards });
      const claims = await Promise.all(Array.from({ length: 20 }, () => ledger.claim(newId<WorkerId>(), { max: 4 })));
      const ids = claims.flat().map((shard): ShardId => shard.id);
      expect(new Set(ids).size).toBe(ids.length);
      const rest = await ledger.claim(worker, { max: 40 });
      expect(new Set([...ids, ...rest.map((shard) => shard.id)]).size).toBe(40);
    });
  });
}
