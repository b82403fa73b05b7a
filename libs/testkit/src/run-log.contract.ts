import type { LogRecord, RunId, WorkerId } from '@exosphere/model';
import type { ClaimedShard, Ledger, LogReader, NewRun, Reopening, ShardWait } from '@exosphere/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerUnderTest } from './ledger.contract.ts';
import { newId, sampleCommit, sampleRun, sampleShard } from './ledger-samples.ts';

/** A ledger with the logs of its runs, for one test. */
export interface LogsUnderTest extends LedgerUnderTest {
  readonly ledger: Ledger & LogReader;
}

const slaMs = 3_600_000;
/** Longer than any lease. */
const lapse = 25_000;

/** What every {@link Ledger} does with the logs and the deadlines of runs, and every {@link LogReader}. */
export function runLogContract(name: string, open: () => Promise<LogsUnderTest>): void {
  describe(`${name} as a keeper of logs`, () => {
    let under: LogsUnderTest;
    let ledger: Ledger & LogReader;
    const worker = newId<WorkerId>();
    const other = newId<WorkerId>();
    beforeEach(async () => {
      under = await open();
      ledger = under.ledger;
    });
    afterEach(() => under.close());

    const recordOf = (run: RunId, message: string): LogRecord => {
      const time = '2026-01-01T00:00:00.000Z';
      return { time, level: 'info', run, step: null, execution: null, attempt: null, message, fields: { of: message } };
    };
    const start = async (changes: Partial<NewRun> = {}): Promise<ClaimedShard> => {
      const run = newId<RunId>();
      await ledger.createRun(sampleRun(run, { record: recordOf(run, 'accepted'), logs: 'pending', slaMs, ...changes }));
      const [shard] = await ledger.claim(worker, { max: 1 });
      if (shard === undefined) throw new TypeError('no shard to claim');
      return shard;
    };
    const write = async (shard: ClaimedShard, messages: readonly string[], size = shard.size): Promise<void> => {
      const records = JSON.stringify(messages.map((message) => recordOf(shard.run, message)));
      const logs = [{ run: shard.run, records, count: messages.length }];
      const commit = sampleCommit(shard, { logs, members: size === 0 ? '[]' : shard.members, size });
      expect((await ledger.commit({ slot: 0, shards: [commit], newShards: [] })).kind).toBe('committed');
    };
    const end = async (shard: ClaimedShard, last = 'ended'): Promise<boolean> => {
      await write(shard, ['the last of its shard'], 0);
      return ledger.endRun(shard.run, { status: 'completed', reason: null, record: recordOf(shard.run, last) });
    };
    const reopening = (run: RunId, round: number): Reopening => ({
      ...{ run, round, slaMs, remove: [], removeGates: [], gates: [], counts: [], failures: [] },
      ...{ shards: [sampleShard(run)], record: recordOf(run, `round ${String(round)}`) },
    });
    /** All records of a run, in their order; a transaction elsewhere on the server may have to end first. */
    const messagesOf = async (run: RunId): Promise<readonly string[]> => {
      for (;;) {
        const { chunks, waiting } = await ledger.readLogChunks(run, null, 100);
        if (!waiting) return chunks.flatMap((chunk) => chunk.records.map((record) => record.message));
      }
    };

    it('keeps the records of a run in their order, from its acceptance to its end, and into the next round', async () => {
      const shard = await start();
      await write(shard, ['a', 'b']);
      await write(shard, ['c']);
      expect(await end(shard)).toBe(true);
      const first = ['accepted', 'a', 'b', 'c', 'the last of its shard', 'ended'];
      expect(await messagesOf(shard.run)).toEqual(first);
      expect(await ledger.endRun(shard.run, { status: 'failed', reason: null, record: recordOf(shard.run, 'twice') })).toBe(false);
      await ledger.reopen(reopening(shard.run, 2));
      const [again] = await ledger.claim(worker, { max: 1 });
      if (again !== undefined) await end(again, 'ended again');
      expect(await messagesOf(shard.run)).toEqual([...first, 'round 2', 'the last of its shard', 'ended again']);
    });

    it('adds nothing for a run that is not made, or cannot end', async () => {
      const concurrency = { group: 'one', limit: 1, onConflict: 'skip' } as const;
      const shard = await start({ concurrency });
      const skipped = newId<RunId>();
      await ledger.createRun(sampleRun(skipped, { record: recordOf(skipped, 'accepted'), concurrency }));
      expect((await ledger.readLogChunks(skipped, null, 10)).chunks).toEqual([]);
      expect(await ledger.endRun(shard.run, { status: 'completed', reason: null, record: recordOf(shard.run, 'ended') })).toBe(false);
      expect(await messagesOf(shard.run)).toEqual(['accepted']);
    });

    describe('of shards that wait', () => {
      const two = async (): Promise<readonly [ClaimedShard, ClaimedShard]> => {
        const run = newId<RunId>();
        const shards = [sampleShard(run), sampleShard(run)];
        await ledger.createRun(sampleRun(run, { record: recordOf(run, 'accepted'), slaMs, shards }));
        const [first, second] = await ledger.claimThese(worker, shards.map(({ id }) => id)); // prettier-ignore
        if (first === undefined || second === undefined) throw new TypeError('no shard to claim');
        return [first, second];
      };
      const wait: ShardWait = { step: 2, reason: 'no GPU' };
      const news = ({ run }: ClaimedShard, told = wait.reason): { wait: ShardWait; record: LogRecord } => ({
        wait,
        record: recordOf(run, told),
      });
      const again = async (shard: ClaimedShard): Promise<ClaimedShard> => {
        await ledger.release([{ shard: shard.id, epoch: shard.epoch, dueAt: null }]);
        const [claimed] = await ledger.claimThese(other, [shard.id]);
        if (claimed === undefined) throw new TypeError('no shard to claim');
        return claimed;
      };

      it('tells a reason once in its log, until nobody waits for it any more', async () => {
        const [first, second] = await two();
        expect(first.waits).toEqual([]);
        expect(await ledger.noteWaits(first, [wait], news(first))).toBe(true);
        expect(await ledger.noteWaits(second, [wait], news(second, 'told twice'))).toBe(true);
        expect(await ledger.noteWaits(first, [], null)).toBe(true);
        expect(await ledger.noteWaits(first, [wait], news(first, 'told again'))).toBe(true);
        expect(await messagesOf(first.run)).toEqual(['accepted', 'no GPU']);
        expect(await ledger.noteWaits(first, [], null)).toBe(true);
        expect(await ledger.noteWaits(second, [], null)).toBe(true);
        expect(await ledger.noteWaits(second, [wait], news(second, 'no GPU, once more'))).toBe(true);
        expect(await messagesOf(first.run)).toEqual(['accepted', 'no GPU', 'no GPU, once more']);
      });

      it('tells each reason, of each step, and of each run', async () => {
        const [first, second] = await two();
        const [elsewhere] = await two();
        const later = { step: 3, reason: 'no GPU' };
        await ledger.noteWaits(first, [wait], news(first));
        await ledger.noteWaits(second, [wait, later], { wait: later, record: recordOf(second.run, 'of step 3') });
        await ledger.noteWaits(elsewhere, [wait], news(elsewhere));
        expect(await messagesOf(first.run)).toEqual(['accepted', 'no GPU', 'of step 3']);
        expect(await messagesOf(elsewhere.run)).toEqual(['accepted', 'no GPU']);
      });

      it('tells it once though many find it at the same time', async () => {
        const [first, second] = await two();
        await Promise.all([first, second, first, second].map((shard) => ledger.noteWaits(shard, [wait], news(shard))));
        expect(await messagesOf(first.run)).toEqual(['accepted', 'no GPU']);
      });

      it('keeps what they wait for when they are given back, or lost', async () => {
        const [shard] = await two();
        const both = [wait, { step: 4, reason: "a 'registry'\nthat does not answer" }];
        await ledger.noteWaits(shard, both, null);
        const claimed = await again(shard);
        expect(claimed.waits).toEqual(both);
        await under.pass(lapse);
        const [lost] = await ledger.claimThese(worker, [shard.id]);
        expect(lost?.waits).toEqual(both);
        if (lost !== undefined) await ledger.noteWaits(lost, [], null);
        expect((await again(lost ?? claimed)).waits).toEqual([]);
      });

      it('takes no note of those that are no longer held', async () => {
        const [shard] = await two();
        await ledger.release([{ shard: shard.id, epoch: shard.epoch, dueAt: null }]);
        expect(await ledger.noteWaits(shard, [wait], news(shard))).toBe(false);
        const [claimed] = await ledger.claimThese(other, [shard.id]);
        expect(claimed?.waits).toEqual([]);
        expect(await ledger.noteWaits(shard, [wait], news(shard))).toBe(false);
        expect(await messagesOf(shard.run)).toEqual(['accepted']);
      });
    });

    it('gives records out by rows, behind a cursor', async () => {
      const shard = await start();
      await write(shard, ['a', 'b']);
      await write(shard, ['c']);
      await messagesOf(shard.run);
      const { chunks } = await ledger.readLogChunks(shard.run, null, 2);
      expect(chunks.map((chunk) => chunk.records.length)).toEqual([1, 2]);
      const rest = await ledger.readLogChunks(shard.run, chunks[1]?.cursor ?? null, 2);
      expect(rest.chunks.map((chunk) => chunk.records)).toEqual([[recordOf(shard.run, 'c')]]);
      expect((await ledger.readLogChunks(shard.run, rest.chunks[0]?.cursor ?? null, 2)).chunks).toEqual([]);
    });

    it('lets one worker forward the records of a run, until it gives it back or its lease lapses', async () => {
      const { run } = await start();
      expect(await ledger.claimForwarding(worker, { max: 5 })).toEqual([{ run, ended: false }]);
      expect(await ledger.claimForwarding(other, { max: 5 })).toEqual([]);
      await ledger.releaseForwarding(other, [run]);
      expect(await ledger.claimForwarding(other, { max: 5 })).toEqual([]);
      await ledger.releaseForwarding(worker, [run]);
      expect(await ledger.claimForwarding(other, { max: 5 })).toHaveLength(1);
      await under.pass(lapse);
      expect(await ledger.claimForwarding(worker, { max: 5 })).toHaveLength(1);
      expect(await ledger.claimForwarding(other, { max: 5 })).toEqual([]);
    });

    it('keeps how far each sink has got, for the worker that forwards the run; in a new round all go on', async () => {
      const shard = await start();
      await ledger.claimForwarding(worker, { max: 5 });
      await messagesOf(shard.run);
      const [row] = (await ledger.readLogChunks(shard.run, null, 1)).chunks;
      const fresh = { cursor: null, status: 'pending', failingSince: null, error: null } as const;
      expect(await ledger.readSinks(shard.run, ['b', 'a'])).toEqual([{ sink: 'b', ...fresh }, { sink: 'a', ...fresh }]); // prettier-ignore
      const state = {
        sink: 'a',
        cursor: row?.cursor ?? null,
        status: 'given-up',
        failingSince: 1_700_000_000_000,
        error: 'no: no',
      } as const;
      expect(await ledger.advanceSink(other, shard.run, state)).toBe(false);
      expect(await ledger.advanceSink(worker, shard.run, state)).toBe(true);
      expect(await ledger.readSinks(shard.run, ['a'])).toEqual([state]);
      expect(await ledger.finishForwarding(worker, shard.run, 'given-up')).toBe(false);
      await end(shard);
      expect(await ledger.claimForwarding(worker, { max: 5 })).toEqual([{ run: shard.run, ended: true }]);
      expect(await ledger.finishForwarding(other, shard.run, 'given-up')).toBe(false);
      expect(await ledger.finishForwarding(worker, shard.run, 'given-up')).toBe(true);
      expect(await ledger.readRun(shard.run)).toMatchObject({ logs: 'given-up', status: 'completed' });
      expect(await ledger.claimForwarding(worker, { max: 5 })).toEqual([]);
      await ledger.reopen(reopening(shard.run, 2));
      expect(await ledger.readSinks(shard.run, ['a'])).toEqual([{ ...state, ...fresh, cursor: state.cursor }]);
      expect(await ledger.claimForwarding(other, { max: 5 })).toEqual([{ run: shard.run, ended: false }]);
    });

    it('names runs behind their deadline, until somebody took notice in this round', async () => {
      const shard = await start();
      const { run } = shard;
      expect(await ledger.overdueRuns(10)).toEqual([]);
      await under.pass(slaMs + 1);
      expect(await ledger.overdueRuns(10)).toEqual([{ run, revision: 'sha256:sample', missed: 'now' }]);
      const miss = { control: null, record: recordOf(run, 'late') };
      expect(await ledger.missDeadline(run, miss)).toBe(true);
      expect(await ledger.missDeadline(run, miss)).toBe(false);
      expect(await ledger.overdueRuns(10)).toEqual([]);
      expect(await messagesOf(run)).toEqual(['accepted', 'late']);
      expect(await ledger.readRun(run)).toMatchObject({ control: 'go', late: true });
      await under.pass(lapse);
      const [again] = await ledger.claimThese(worker, [shard.id]);
      if (again !== undefined) await end(again);
      expect(await ledger.overdueRuns(10)).toEqual([]);
      expect(await ledger.missDeadline(run, miss)).toBe(false);
      await ledger.reopen(reopening(run, 2));
      expect(await ledger.overdueRuns(10)).toEqual([]);
      await under.pass(slaMs + 1);
      expect(await ledger.overdueRuns(10)).toMatchObject([{ run, missed: 'now' }]);
    });

    it('raises the control of a run that missed its deadline, and names it again half an hour later', async () => {
      const { run } = await start();
      await under.pass(slaMs + 1);
      const delayed = newId<RunId>();
      await ledger.createRun(sampleRun(delayed, { slaMs: 1, shards: [sampleShard(delayed, { dueAt: Date.now() + 40 * 86_400_000 })] }));
      await under.pass(10);
      expect(await ledger.overdueRuns(1)).toMatchObject([{ run }]);
      expect(await ledger.overdueRuns(10)).toMatchObject([{ run }, { run: delayed }]);
      for (const one of [run, delayed]) {
        expect(await ledger.missDeadline(one, { control: 'overdue', record: recordOf(one, 'late') })).toBe(true);
        expect(await ledger.readRun(one)).toMatchObject({ control: 'overdue' });
      }
      // what it waited for does not matter any more
      expect((await ledger.claim(other, { max: 5 })).map((shard) => shard.run)).toContain(delayed);
      expect(await ledger.overdueRuns(10)).toEqual([]);
      await under.pass(1_800_000);
      expect(await ledger.overdueRuns(10)).toMatchObject([{ run, missed: 'long-ago' }, { run: delayed, missed: 'long-ago' }]); // prettier-ignore
      expect(await ledger.control(run, 'overdue-all')).toBe('overdue-all');
      expect(await ledger.control(run, 'cancelling')).toBe('overdue-all');
      expect(await ledger.overdueRuns(10)).toMatchObject([{ run: delayed }]);
    });

    it('lets a run that waits for its group be cancelled when it missed its deadline', async () => {
      const concurrency = { group: 'one', limit: 1, onConflict: 'queue' } as const;
      await start({ concurrency, slaMs: 40 * 86_400_000 });
      const waiting = newId<RunId>();
      await ledger.createRun(sampleRun(waiting, { concurrency, slaMs }));
      await under.pass(slaMs + 1);
      expect(await ledger.claim(other, { max: 5 })).toEqual([]);
      await ledger.missDeadline(waiting, { control: 'overdue-all', record: recordOf(waiting, 'late') });
      const [shard] = (await ledger.claim(other, { max: 5 })).filter((one) => one.run === waiting);
      expect(shard).toBeDefined();
    });
  });
}
