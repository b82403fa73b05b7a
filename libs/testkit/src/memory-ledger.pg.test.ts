import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionKey, LogRecord, Path, RunId, ShardId, WorkerId } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { ClaimedShard, CommitShard, GateDelta, Ledger, LogReader, NewRun, NewShard, OverdueRun, RunControl } from '@exosphere/ports';
import { connectLedger } from '@exosphere/postgres';
import type { PostgresLedger } from '@exosphere/postgres';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { newId, sampleAttempt, sampleChunk, sampleCommit, sampleExecution, sampleGate, sampleRun, sampleShard } from './ledger-samples.ts';
import type { MemoryLedger } from './memory-ledger.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import type { MemoryShard } from './memory-ledger/memory.ts';
import type { SeededRandom } from './seeded-random.ts';
import { seededRandom } from './seeded-random.ts';
import type { SimulatedClock } from './simulated-clock.ts';
import { createSimulatedClock } from './simulated-clock.ts';
import { createTestDatabase } from './test-database.ts';

/** Sums of these spans are a second or more away from every time that a script or a ledger sets: both see it come in the same span. */
const spans = [8_000, 8_000, 8_000, 31_000, 31_000, 1_863_000];
const delays = [10_000, 100_000];
const workers = [newId<WorkerId>(), newId<WorkerId>()];
const passTime = [
  'update exosphere.shard set lease_until = lease_until - $1::interval, due_at = due_at - $1::interval, look_at = look_at - $1::interval',
  'update exosphere.run set deadline = deadline - $1::interval, ended_at = ended_at - $1::interval',
  'update exosphere.rate_use set expires_at = expires_at - $1::interval',
  'update exosphere.log_forwarding set lease_until = lease_until - $1::interval',
];

/** The two ledgers, which are told the same, and what a script has made of them. */
interface Pair {
  readonly memory: MemoryLedger;
  readonly real: PostgresLedger;
  readonly clock: SimulatedClock;
  readonly random: SeededRandom;
  readonly runs: RunId[];
  /** Ids of shards that a ledger made itself, by what they have in the memory: in the other. */
  readonly realIds: Map<ShardId, ShardId>;
  readonly pass: (ms: number) => Promise<void>;
  /** Takes back the time that went by while the script was at work. */
  readonly standStill: () => Promise<void>;
  next: number;
}

function pick<T>({ random }: Pair, list: readonly T[]): T {
  const picked = list[Math.floor(random.next() * list.length)];
  if (picked === undefined) throw new TypeError('nothing to pick from');
  return picked;
}

function some<T>({ random }: Pair, list: readonly T[]): readonly T[] {
  return list.filter(() => random.happens(0.5));
}

function fresh(pair: Pair): number {
  pair.next += 1;
  return pair.next;
}

function newShard(pair: Pair, run: RunId, at: number): NewShard {
  const size = 1 + Math.floor(pair.random.next() * 4);
  return sampleShard(run, {
    size,
    members: `[{"s":0,"p":[${fresh(pair)}]}]`,
    priority: fresh(pair),
    dueAt: pair.random.happens(0.2) ? at + pick(pair, delays) : null,
    limit: pair.random.happens(0.4) ? { step: 3, max: 4 } : null,
    losses: pair.random.happens(0.2) ? 1 : 0,
  });
}

function logRecord(pair: Pair, run: RunId): LogRecord {
  const message = `record ${fresh(pair)}`;
  return { time: '2026-01-01T00:00:00.000Z', level: 'info', run, step: null, execution: null, attempt: null, message, fields: {} };
}

function shardsFor(pair: Pair, run: RunId, at: number, options: { readonly keep: boolean }): readonly NewShard[] {
  const shards = Array.from({ length: Math.floor(pair.random.next() * 3) }, () => newShard(pair, run, at));
  return shards.map((shard) => (options.keep && pair.random.happens(0.3) ? { ...shard, keep: true, dueAt: null } : shard));
}

/** A change that leaves a gate with no less than nothing before it. */
function gateChange(pair: Pair, run: RunId, taken: Map<string, number>): readonly GateDelta[] {
  const step = pick(pair, [7, 8]);
  const path = pick(pair, [[], [0], [0, 2], [10]]);
  const name = `${step}|${path.join('.')}`;
  const key = { step, path, origin: -1, keyRound: 0 };
  const open =
    taken.get(name) ?? pair.memory.look.gates(run).find((gate) => gate.step === step && gate.path.join('.') === path.join('.'))?.open ?? 2;
  if (open <= 0 && !pair.random.happens(0.3)) return [];
  const change = open <= 0 ? 1 : -1;
  taken.set(name, open + change);
  const fires = step === 8 ? 'always' : 'going';
  return [
    sampleGate(run, {
      ...key,
      initial: 2,
      open: change,
      tally: [1, fresh(pair)],
      fires,
      late: pick(pair, [0, 1]),
      branch: step === 8 ? 'failed' : 'live',
    }),
  ];
}

function recorded(pair: Pair, run: RunId, taken: Map<string, number>): Partial<CommitShard> {
  const path = (): Path => pick(pair, [[0, fresh(pair)], [1, fresh(pair)], [fresh(pair)]]); // prettier-ignore
  const list = path();
  const ended = [
    sampleExecution(run, path(), { status: pick(pair, ['completed', 'failed', 'cancelled']), round: pick(pair, [1, 2]) }),
    sampleExecution(run, list, { step: 1, output: null, objects: 2 }),
    sampleExecution(run, path(), { step: pick(pair, [0, 7, 8]), branch: pick(pair, ['live', 'failed']), keyRound: pick(pair, [0, 1]) }),
  ];
  const attempted = path();
  return {
    ended,
    chunks: [sampleChunk(run, list, { step: 1 })],
    attempts: [sampleAttempt(run, attempted), sampleAttempt(run, attempted, { attempt: 3, keyRound: pick(pair, [0, 2]) })],
    gates: [0, 1, 2].flatMap(() => gateChange(pair, run, taken)),
    counts: [{ run, step: pick(pair, [0, 1]), kind: pick(pair, ['completed', 'failed', 'objects']), add: pick(pair, [1, 2, 0]) }],
    logs: [{ run, records: JSON.stringify([logRecord(pair, run)]), count: 1 }],
    failures: pair.random.happens(0.3) ? [{ run, basis: pick(pair, [-2, 4]), add: 1 }] : [],
  };
}

/** The same call of both, and the same answer: without the times, and with the ids of the memory. */
async function both<T>(
  pair: Pair,
  call: (ledger: Ledger & LogReader, idOf: (id: ShardId) => ShardId) => Promise<T>,
  plain: (answer: T) => unknown,
): Promise<T> {
  const answerOf = async (ledger: Ledger & LogReader, idOf: (id: ShardId) => ShardId): Promise<{ answer: T } | { failed: string }> => {
    try {
      return { answer: await call(ledger, idOf) };
    } catch (error) {
      if (!(error instanceof ExosphereError)) throw error;
      return { failed: error.code };
    }
  };
  const inMemory = await answerOf(pair.memory, (id) => id);
  const inReal = await answerOf(pair.real, (id) => pair.realIds.get(id) ?? id);
  const shown = (one: typeof inMemory): unknown => ('answer' in one ? { answer: plain(one.answer) } : one);
  expect(shown(inReal)).toEqual(shown(inMemory));
  if ('answer' in inMemory && 'answer' in inReal) learnIds(pair, inMemory.answer, inReal.answer);
  return ('answer' in inMemory ? inMemory.answer : null) as T; // the caller of one that may fail does not look
}

/** Shards of gates have ids of their own: those with the same members are the same. */
function learnIds(pair: Pair, inMemory: unknown, inReal: unknown): void {
  const made = (answer: unknown): readonly ClaimedShard[] => {
    if (Array.isArray(answer))
      return answer.filter((one): one is ClaimedShard => typeof one === 'object' && one !== null && 'members' in one && 'epoch' in one);
    return typeof answer === 'object' && answer !== null && 'fired' in answer ? (answer.fired as readonly ClaimedShard[]) : [];
  };
  const others = made(inReal);
  for (const shard of made(inMemory)) {
    const same = others.find((other) => other.run === shard.run && sortedMembers(other) === sortedMembers(shard));
    if (same !== undefined && same.id !== shard.id) pair.realIds.set(shard.id, same.id);
  }
}

function sortedMembers({ members }: { readonly members: string }): string {
  return (JSON.parse(members) as readonly unknown[])
    .map((member) => JSON.stringify(member))
    .sort()
    .join();
}

function plainShards(shards: readonly ClaimedShard[]): unknown {
  return shards.map((shard) => JSON.stringify({ ...shard, id: null, members: sortedMembers(shard) })).sort();
}

const acts: readonly ((pair: Pair) => Promise<unknown>)[] = [
  async (pair) => {
    const id = newId<RunId>();
    const concurrency = { group: 'g', limit: pick(pair, [1, 2]), onConflict: pick(pair, ['queue', 'skip', 'cancel-running'] as const) };
    const gates = pair.random.happens(0.3) ? [sampleGate(id, { step: 9, initial: pick(pair, [0, 1]), open: 0 })] : [];
    const shards = shardsFor(pair, id, Date.now(), { keep: false }).map((shard) => ({ ...shard, dueAt: null }));
    const changes: Partial<NewRun> = {
      shards,
      gates,
      allowed: [{ basis: -2, allowed: 2 }],
      slaMs: 100_000,
      logs: 'pending',
      record: logRecord(pair, id),
    };
    const run = sampleRun(id, { ...changes, ...(pair.random.happens(0.5) ? { concurrency } : {}) });
    const outcome = await both(pair, (ledger) => ledger.createRun(run), (answer) => ({ ...answer, at: 0 })); // prettier-ignore
    if (outcome.kind === 'started') pair.runs.push(id);
  },
  async (pair) => {
    const worker = pick(pair, workers);
    await both(pair, (ledger) => ledger.claim(worker, { max: 50 }), plainShards);
  },
  async (pair) => {
    const worker = pick(pair, workers);
    // permits go by priority and then id; the id of a gate's shard is known once it was claimed
    const isKnown = ({ id, members }: MemoryShard): boolean => !members.includes('"g":1') || pair.realIds.has(id);
    const shards = some(pair, pair.memory.look.shards()).filter((shard) => shard.limit === null && isKnown(shard));
    await both(pair, (ledger, idOf) => ledger.claimThese(worker, shards.map((shard) => idOf(shard.id))), plainShards); // prettier-ignore
  },
  commitSome,
  commitSome,
  commitSome,
  async (pair) => {
    const worker = pick(pair, workers);
    const leases = some(pair, pair.memory.look.shards()).map(({ id, epoch }) => ({
      shard: id,
      epoch: epoch + pick(pair, [0, 0, 0, 1]),
      running: '[]',
    }));
    const told = await both(
      pair,
      (ledger, idOf) => ledger.renew(worker, leases.map((lease) => ({ ...lease, shard: idOf(lease.shard) }))), // prettier-ignore
      ({ lost, controls }) => [lost.length, [...controls].sort()],
    );
    expect(told.lost.length).toBeLessThanOrEqual(leases.length);
  },
  async (pair) => {
    const put = some(pair, held(pair)).map(({ id, epoch }) => ({
      shard: id,
      epoch: epoch + pick(pair, [0, 0, 0, 1]),
      delay: pair.random.happens(0.3) ? pick(pair, delays) : null,
    }));
    const release = async (ledger: Ledger, idOf: (id: ShardId) => ShardId): Promise<void> => {
      const { at } = await ledger.renew(workers[0] ?? newId(), []);
      await ledger.release(
        put.map(({ shard, epoch, delay }) => ({ shard: idOf(shard), epoch, dueAt: delay === null ? null : at + delay })),
      );
    };
    await both(pair, release, () => null);
  },
  async (pair) => {
    const [shard] = some(pair, held(pair));
    if (shard === undefined) return;
    const give = shardsFor(pair, shard.run, 0, { keep: false }).map((one) => ({ ...one, dueAt: null }));
    const rest = { epoch: shard.epoch + pick(pair, [0, 0, 1]), members: shard.members, size: shard.size };
    await both(pair, (ledger, idOf) => ledger.split({ id: idOf(shard.id), ...rest }, give), (done) => done); // prettier-ignore
  },
  async (pair) => {
    const controls: readonly RunControl[] = ['go', 'go', 'paused', 'stopping', 'overdue', 'cancelling', 'overdue-all', 'cancelling-all'];
    const [run, control] = [pick(pair, pair.runs), pick(pair, controls)];
    await both(pair, (ledger) => ledger.control(run, control), (holds) => holds); // prettier-ignore
  },
  async (pair) => {
    const [run, basis, allowed] = [pick(pair, pair.runs), pick(pair, [-2, 4]), pick(pair, [0, 1, 5])];
    await both(pair, (ledger) => ledger.allowFailures(run, basis, allowed), (exceeded) => exceeded); // prettier-ignore
  },
  async (pair) => {
    for (const run of await both(
      pair,
      (ledger) => ledger.settledRuns(100),
      (runs) => runs,
    )) {
      const end = { status: 'failed', reason: 'so', record: logRecord(pair, run) } as const;
      if (pair.random.happens(0.6))
        await both(
          pair,
          (ledger) => ledger.endRun(run, end),
          (done) => done,
        );
    }
  },
  async (pair) => {
    const run = pick(pair, pair.runs);
    const shards = shardsFor(pair, run, 0, { keep: false }).map((one) => ({ ...one, dueAt: null }));
    await both(pair, (ledger) => ledger.addShards(run, shards, [], 'run-chain'), (done) => done); // prettier-ignore
  },
  async (pair) => {
    const ended = pair.memory.look.runs().filter((one) => one.endedAt !== null);
    if (ended.length === 0) return;
    const { id: run, round } = pick(pair, ended);
    const failed = await pair.memory.readEnded(run, { after: null, limit: 9, which: 'failed' });
    const remove = some(pair, failed).map(({ step, path, origin, keyRound }): ExecutionKey => ({ step, path, origin, round: keyRound }));
    const gates = pair.memory.look.gates(run);
    const removeGates = some(pair, gates.filter((gate) => gate.branch === 'failed')).map(({ step, path, origin, keyRound }) => ({ step, path, origin, round: keyRound })); // prettier-ignore
    const reopening = {
      ...{ run, round: round + pick(pair, [1, 1, 1, 2]), remove, removeGates, slaMs: 100_000, gates: [] },
      ...{
        record: logRecord(pair, run),
        counts: [{ run, step: 0, kind: 'failed', add: -remove.length } as const],
        failures: [{ run, basis: -2, add: -1 }],
      },
      shards: shardsFor(pair, run, 0, { keep: false }).map((one) => ({ ...one, dueAt: null })),
    };
    await both(pair, (ledger) => ledger.reopen(reopening), () => null); // prettier-ignore
  },
  async (pair) => {
    // deadlines of one span are some ms apart, or not: so without an order
    const inOrder = (runs: readonly OverdueRun[]): readonly OverdueRun[] => [...runs].sort((a, b) => (a.run < b.run ? -1 : 1));
    for (const { run } of await both(pair, (ledger) => ledger.overdueRuns(100), inOrder)) {
      const miss = { control: pick(pair, [null, 'overdue', 'overdue-all'] as const), record: logRecord(pair, run) };
      if (pair.random.happens(0.5))
        await both(
          pair,
          (ledger) => ledger.missDeadline(run, miss),
          (done) => done,
        );
    }
  },
  async (pair) => {
    const worker = pick(pair, workers);
    const forwarded = await both(
      pair,
      (ledger) => ledger.claimForwarding(worker, { max: 3 }),
      (runs) => runs,
    );
    for (const { run } of forwarded) {
      const outcome = pick(pair, ['delivered', 'given-up'] as const);
      if (pair.random.happens(0.3))
        await both(
          pair,
          (ledger) => ledger.finishForwarding(worker, run, outcome),
          (done) => done,
        );
    }
    const given = forwarded.map(({ run }) => run).slice(1);
    if (pair.random.happens(0.5))
      await both(
        pair,
        (ledger) => ledger.releaseForwarding(worker, given),
        () => null,
      );
  },
  async (pair) => {
    const rate = { cluster: 'acme/sample', step: 'call', key: pick(pair, ['', 'a']), limit: 5, perMs: 50_000, want: pick(pair, [1, 4]) };
    await both(pair, (ledger) => ledger.takeRate(rate), ({ granted }) => granted); // prettier-ignore
  },
  async (pair) => {
    await both(pair, (ledger) => ledger.wakeDue(), ({ nextDueAt }) => nextDueAt === null); // prettier-ignore
  },
  async (pair) => {
    await pair.pass(pick(pair, spans));
  },
];

function held({ memory }: Pair): readonly MemoryShard[] {
  return memory.look.shards().filter((shard) => shard.owner !== null);
}

async function commitSome(pair: Pair): Promise<void> {
  // one worker's shards: a batch is of one worker
  const worker = pick(pair, workers);
  const own = some(pair, held(pair).filter((shard) => shard.owner === worker)); // prettier-ignore
  if (own.length === 0) return;
  const taken = new Map<RunId, Map<string, number>>();
  const shards = own.map((shard) => {
    const isDone = pair.random.happens(0.8);
    const rest = isDone ? {} : { members: shard.members, size: shard.size };
    const epoch = shard.epoch + (pair.random.happens(0.05) ? 1 : 0);
    const ofRun = taken.get(shard.run) ?? new Map<string, number>();
    taken.set(shard.run, ofRun);
    return sampleCommit({ ...shard, epoch }, { ...recorded(pair, shard.run, ofRun), ...rest });
  });
  const delayOf = own.flatMap((shard) => shardsFor(pair, shard.run, 0, { keep: true }));
  const commit = async (ledger: Ledger, idOf: (id: ShardId) => ShardId): Promise<Awaited<ReturnType<Ledger['commit']>>> => {
    const { at } = await ledger.renew(worker, []);
    const newShards = delayOf.map((shard) => (shard.dueAt === null ? shard : { ...shard, dueAt: at + shard.dueAt }));
    return ledger.commit({ slot: 3, shards: shards.map((shard) => ({ ...shard, id: idOf(shard.id) })), newShards });
  };
  await both(pair, commit, (outcome) => {
    if (outcome.kind !== 'committed') return [outcome.kind, outcome.kind === 'stale' ? outcome.shards.length : outcome.digests];
    return [plainShards(outcome.fired), [...outcome.settled].sort(), [...outcome.controls].sort()];
  });
}

/** Everything that can be read of a run, without the times. */
async function everything(ledger: Ledger & LogReader, run: RunId): Promise<unknown> {
  const row = await ledger.readRun(run);
  const below = (step: number, scope: Path, upToRound: number | null): ReturnType<Ledger['readExecutionsBelow']> =>
    ledger.readExecutionsBelow({ run, step, scope, upToRound });
  const paths = [[], [0], [0, 2], [10]];
  const executions = [
    await below(0, [], null),
    await below(0, [0], 1),
    await below(1, [1], null),
    await below(7, [], null),
    await below(8, [], 2),
  ];
  const ended = executions[0]?.map((execution) => execution.path) ?? [];
  const open = await ledger.readOpen(run);
  const gates = await ledger.readGates(run, [7, 8, 9].flatMap((step) => paths.map((path) => ({ step, path, origin: -1, round: 0 })))); // prettier-ignore
  let logs = await ledger.readLogChunks(run, null, 1_000);
  // transactions of other tests, on the same server, hold it up
  for (; logs.waiting; logs = await ledger.readLogChunks(run, null, 1_000)) await sleep(20);
  return {
    run: row === null ? null : { ...row, acceptedAt: 0, deadline: 0, endedAt: row.endedAt === null },
    open: open.map((shard) => JSON.stringify({ ...shard, members: sortedMembers(shard), dueAt: shard.dueAt === null })).sort(),
    executions,
    at: await ledger.readExecutions({ run, step: 0, origin: -1, keyRound: null, paths: ended }),
    counts: await ledger.readCounts(run),
    gates: gates.map((gate) => ({ ...gate, decidedAt: gate.decidedAt === null })),
    attempts: await ledger.readLastAttempts({ run, step: 0, origin: -1, keyRound: null, paths: ended }),
    list: await ledger.readList({ run, step: 1, scope: [], upToRound: null }, { objects: 30, bytes: 1_000_000 }),
    ended: [
      await ledger.readEnded(run, { after: null, limit: 3, which: 'failed' }),
      await ledger.readEnded(run, { after: { step: 0, path: [1], origin: -1, round: 0 }, limit: 3, which: 'dead' }),
    ],
    chain: await ledger.hasRunChain(run),
    logs: logs.chunks.flatMap((chunk) => chunk.records.map((record) => record.message)).sort(),
  };
}

async function openPair(seed: number): Promise<{ readonly pair: Pair; readonly close: () => Promise<void> }> {
  const database = await createTestDatabase();
  const real = await connectLedger({ connectionString: database.url });
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const clock = createSimulatedClock({ start: Date.now() });
  const shift = async (ms: number): Promise<void> => {
    for (const text of passTime) await client.query(text, [`${ms} milliseconds`]);
  };
  let since = performance.now();
  const standStill = async (): Promise<void> => {
    const elapsed = performance.now() - since;
    since += elapsed;
    await shift(-elapsed);
  };
  const pass = async (ms: number): Promise<void> => {
    await shift(ms);
    await clock.pass(ms);
  };
  const common = { clock, pass, standStill, random: seededRandom(seed), runs: [], realIds: new Map<ShardId, ShardId>(), next: 0 };
  const close = async (): Promise<void> => {
    await client.end();
    await real.close();
    await database.drop();
  };
  return { pair: { ...common, real, memory: createMemoryLedger({ clock }) }, close };
}

describe('the memory ledger next to PostgreSQL', () => {
  it.each([1, 2])('does and answers the same, whatever it is told (seed %i)', { timeout: 90_000 }, async (seed) => {
    const { pair, close } = await openPair(seed);
    try {
      await acts[0]?.(pair);
      while (pair.runs.length === 0) await acts[0]?.(pair);
      for (let act = 0; act < 250; act += 1) {
        await pick(pair, acts)(pair);
        await pair.standStill();
        for (const run of pair.runs.slice(-6))
          expect(await everything(pair.real, run), `act ${act}`).toEqual(await everything(pair.memory, run));
      }
      const { look } = pair.memory;
      // so much must have happened, or it was no comparison
      expect(look.runs().filter((run) => run.round > 1).length).toBeGreaterThan(0);
      expect(pair.runs.flatMap((run) => look.gates(run)).filter((gate) => gate.decided).length).toBeGreaterThan(5);
    } finally {
      await close();
    }
  });
});
