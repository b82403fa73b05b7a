import type { RunId } from '@exosphere/model';
import { createTestDatabase } from '@exosphere/testkit';
import { newId, sampleCommit, sampleExecution, sampleRun, sampleShard } from '@exosphere/testkit/ledger-samples';
import pg from 'pg';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { connectLedger } from '../ledger/connect-ledger.ts';
import { holdQueue } from './hold-queue.ts';
import { readRunQueues } from './read-run-queues.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let warnings: string[];
const onWarning = ({ message }: { readonly message: string }): unknown => warnings.push(message);

beforeEach(async () => {
  database = await createTestDatabase();
  warnings = [];
});
afterEach(() => database.drop());

const hold = (queue: string): ReturnType<typeof holdQueue> => holdQueue({ connectionString: database.url, queue, onWarning });

async function runIn(queue: string): Promise<RunId> {
  const ledger = await connectLedger({ connectionString: database.url, queue, onWarning });
  const run = newId<RunId>();
  await ledger.createRun(sampleRun(run, { shards: [sampleShard(run)] }));
  await ledger.close();
  return run;
}

async function sql<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return client.query<T>(text, values).then(({ rows }) => rows).finally(() => client.end()); // prettier-ignore
}

it('tells the queue of a run, and whether a process works on it', async () => {
  const run = await runIn('mine');
  expect(await readRunQueues(database.url, [run, newId<RunId>()])).toEqual(new Map([[run, { queue: 'mine', isHeld: false }]]));
  const held = await hold('mine');
  expect((await readRunQueues(database.url, [run])).get(run)).toEqual({ queue: 'mine', isHeld: true });
  await held?.release({ remove: false });
  expect((await readRunQueues(database.url, [run])).get(run)).toEqual({ queue: 'mine', isHeld: false });
});

it('knows no run in an empty database', async () => {
  expect(await readRunQueues(database.url, [newId<RunId>()])).toEqual(new Map());
});

it('gives a queue to one process at a time', async () => {
  await runIn('mine');
  const held = await hold('mine');
  const other = await hold('other');
  expect(await hold('mine')).toBeNull();
  await held?.release({ remove: false });
  const next = await hold('mine');
  expect(next).not.toBeNull();
  await next?.release({ remove: false });
  await other?.release({ remove: false });
});

it('takes the queue again when the connection was lost', async () => {
  const run = await runIn('mine');
  const held = await hold('mine');
  await sql(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'exosphere queue' and datname = current_database()",
  );
  await vi.waitFor(async () => expect((await readRunQueues(database.url, [run])).get(run)?.isHeld).toBe(true), {
    timeout: 5_000,
    interval: 100,
  });
  await held?.release({ remove: false });
  expect((await readRunQueues(database.url, [run])).get(run)?.isHeld).toBe(false);
});

it('gives the work of a process that is gone to the next one at once', async () => {
  const run = await runIn('mine');
  const ledger = await connectLedger({ connectionString: database.url, queue: 'mine', onWarning });
  const [before] = await ledger.claim(newId(), { max: 1 });
  await ledger.wakeDue();
  expect(await ledger.claim(newId(), { max: 1 })).toEqual([]);

  const held = await hold('mine');
  expect((await ledger.readDetail(run))?.heldMembers).toBe(0);
  await ledger.wakeDue();
  const [after] = await ledger.claim(newId(), { max: 1 });
  expect(after).toMatchObject({ id: before?.id, epoch: (before?.epoch ?? 0) + 1, losses: 1 });
  await held?.release({ remove: false });
  await ledger.close();
});

it('leaves nothing of a queue that is not needed any more', async () => {
  await runIn('mine');
  const held = await hold('mine');
  await held?.release({ remove: true });
  expect(await sql("select name from exosphere_boss.queue where name = 'mine'")).toEqual([]);
  const again = await connectLedger({ connectionString: database.url, queue: 'mine', onWarning });
  expect(await again.settledRuns(1)).toEqual([]);
  await again.close();
});

it('says that a database cannot be reached', async () => {
  const connectionString = 'postgresql://nobody@127.0.0.1:1/none';
  await expect(readRunQueues(connectionString, [])).rejects.toMatchObject({ code: 'database-unavailable' });
  await expect(holdQueue({ connectionString, queue: 'mine', onWarning })).rejects.toMatchObject({ code: 'database-unavailable' });
});

it('lets a commit name a blob that was recorded, and no other', async () => {
  const ledger = await connectLedger({ connectionString: database.url, queue: 'mine', onWarning });
  const run = newId<RunId>();
  const shard = sampleShard(run, { keep: false });
  await ledger.createRun(sampleRun(run, { shards: [shard] }));
  const [claimed] = await ledger.claim(newId(), { max: 1 });
  if (claimed === undefined) throw new Error('nothing was claimed');
  const digest = `sha256:${'a'.repeat(64)}`;
  const commit = {
    slot: 0,
    newShards: [],
    shards: [sampleCommit(claimed, { ended: [sampleExecution(run, [0])], blobs: [digest], size: 0 })],
  };
  expect(await ledger.commit(commit)).toEqual({ kind: 'blob-gone', digests: [digest] });
  await ledger.recordBlob(sampleRun(run).project, { digest, size: 5, host: null });
  await ledger.recordBlob(sampleRun(run).project, { digest, size: 5, host: null });
  expect(await ledger.commit(commit)).toMatchObject({ kind: 'committed' });
  await ledger.close();
});
