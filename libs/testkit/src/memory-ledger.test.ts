import type { RunId, ShardId, WorkerId } from '@exosphere/model';
import { InternalError } from '@exosphere/model';
import type { ClaimedShard, CommitShard, NewShard } from '@exosphere/ports';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId, sampleAttempt, sampleChunk, sampleCommit, sampleExecution, sampleGate, sampleRun, sampleShard } from './ledger-samples.ts';
import { ledgerContract } from './ledger.contract.ts';
import type { MemoryLedger, MemoryLedgerOptions } from './memory-ledger.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import type { SimulatedClock } from './simulated-clock.ts';
import { createSimulatedClock } from './simulated-clock.ts';

ledgerContract('Memory', async () => {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  return {
    ledger,
    pass: (ms) => clock.pass(ms),
    addBlob: async (project, digest) => ledger.addBlob(project, digest),
    close: async () => undefined,
  };
});

const worker = newId<WorkerId>();

function openLedger(options: Partial<MemoryLedgerOptions> = {}): { readonly clock: SimulatedClock; readonly ledger: MemoryLedger } {
  const clock = createSimulatedClock();
  return { clock, ledger: createMemoryLedger({ clock, ...options }) };
}

/** A run with so many shards, the first the most urgent. */
async function startWith(ledger: MemoryLedger, count: number): Promise<{ readonly run: RunId; readonly shards: readonly NewShard[] }> {
  const run = newId<RunId>();
  const shards = Array.from({ length: count }, (_, priority) => sampleShard(run, { priority }));
  await ledger.createRun(sampleRun(run, { shards }));
  return { run, shards };
}

async function startAndClaim(ledger: MemoryLedger): Promise<ClaimedShard> {
  await startWith(ledger, 1);
  const [shard] = await ledger.claim(worker, { max: 1 });
  if (shard === undefined) throw new TypeError('no shard to claim');
  return shard;
}

describe('wake-ups of the memory ledger', () => {
  it('can be lost, with the signals that announce them', async () => {
    const { clock, ledger } = openLedger({ faults: { lose: 1 } });
    const stop = new AbortController();
    let signals = 0;
    const listening = ledger.listen(() => void (signals += 1), { signal: stop.signal });
    const { shards } = await startWith(ledger, 3);
    await clock.idle();
    expect([signals, ledger.wakeUps]).toEqual([1, 0]);
    expect(await ledger.claim(worker, { max: 9 })).toEqual([]);
    const [first] = shards;
    expect(await ledger.claimThese(worker, [first?.id ?? newId()])).toHaveLength(1);
    stop.abort();
    await listening;
  });

  it('can be doubled, and a shard is given out once all the same', async () => {
    const { ledger } = openLedger({ faults: { double: 1 } });
    await startWith(ledger, 2);
    expect(ledger.wakeUps).toBe(4);
    expect(await ledger.claim(worker, { max: 9 })).toHaveLength(2);
    expect(await ledger.claim(worker, { max: 9 })).toEqual([]);
  });

  it('can be delayed, by up to so many ms', async () => {
    const { clock, ledger } = openLedger({ faults: { delay: 1, mostDelayMs: 3_600_000 } });
    await startWith(ledger, 20);
    const atOnce = await ledger.claim(worker, { max: 20 });
    await clock.pass(1_800_000);
    const halfway = await ledger.claim(worker, { max: 20 });
    await clock.pass(1_800_000);
    const late = await ledger.claim(worker, { max: 20 });
    expect(atOnce).toEqual([]);
    expect(halfway.length).toBeGreaterThan(2);
    expect(late.length).toBeGreaterThan(2);
    expect(halfway.length + late.length).toBe(20);
  });

  it('can be reordered: what is urgent does not come first', async () => {
    const { ledger } = openLedger({ faults: { reorder: 1 } });
    const { shards } = await startWith(ledger, 20);
    const order: ShardId[] = [];
    for (let i = 0; i < 20; i += 1) order.push(...(await ledger.claim(worker, { max: 1 })).map((shard) => shard.id));
    const inOrder = shards.map((shard) => shard.id);
    expect(order).not.toEqual(inOrder);
    expect([...order].sort()).toEqual([...inOrder].sort());
  });

  it('can all be lost at once, and are sent again after 5 s (DAG-03)', async () => {
    const { clock, ledger } = openLedger();
    await startWith(ledger, 3);
    ledger.loseWakeUps();
    await clock.pass(4_000);
    expect(await ledger.wakeDue()).toMatchObject({ woken: 0 });
    await clock.pass(1_000);
    expect(await ledger.wakeDue()).toMatchObject({ woken: 3 });
    expect(await ledger.claim(worker, { max: 9 })).toHaveLength(3);
  });

  it('do no harm, whatever happens to them: each shard is given out once, soon (DAG-03)', async () => {
    const probability = fc.double({ min: 0, max: 0.8, noNaN: true });
    const faults = fc.record({ lose: probability, double: probability, delay: probability, reorder: probability });
    await fc.assert(
      fc.asyncProperty(faults, fc.integer(), async (harm, seed) => {
        const { clock, ledger } = openLedger({ seed, faults: harm });
        const { shards } = await startWith(ledger, 12);
        const claimed: ClaimedShard[] = [];
        for (let look = 0; look < 400 && claimed.length < 12; look += 1) {
          claimed.push(...(await ledger.claim(worker, { max: 4 })));
          await ledger.renew(worker, claimed.map(({ id, epoch }) => ({ shard: id, epoch, running: '' }))); // prettier-ignore
          await clock.pass(1_000);
          await ledger.wakeDue();
        }
        expect(claimed.map((shard) => shard.id).sort()).toEqual(shards.map((shard) => shard.id).sort());
      }),
      { numRuns: 30 },
    );
  });

  it('meet the same fate for the same seed', async () => {
    const claimed = async (seed: number): Promise<readonly number[]> => {
      const { ledger } = openLedger({ seed, faults: { lose: 0.5, reorder: 0.5 } });
      const { shards } = await startWith(ledger, 10);
      return (await ledger.claim(worker, { max: 10 })).map((shard) => shards.findIndex(({ id }) => id === shard.id));
    };
    expect(await claimed(1)).toEqual(await claimed(1));
    expect(await claimed(1)).not.toEqual(await claimed(2));
  });
});

describe('the changes of the memory ledger', () => {
  it('are counted when something is true that was not, and not for leases and wake-ups', async () => {
    const { clock, ledger } = openLedger();
    const changed = async (call: () => Promise<unknown>): Promise<boolean> => {
      const before = ledger.changes;
      await call();
      return ledger.changes > before;
    };
    const run = newId<RunId>();
    expect(await changed(() => ledger.createRun(sampleRun(run)))).toBe(true);
    ledger.loseWakeUps();
    expect(await changed(() => ledger.claim(worker, { max: 1 }))).toBe(false);
    await clock.pass(6_000);
    expect(await changed(() => ledger.wakeDue())).toBe(false);
    expect(ledger.wakeUps).toBe(1);
    expect(await changed(() => ledger.claim(worker, { max: 1 }))).toBe(true);
    const [shard] = ledger.look.shards(run);
    if (shard === undefined) throw new TypeError('the shard is gone');
    expect(await changed(() => ledger.renew(worker, [{ shard: shard.id, epoch: 1, running: '[]' }]))).toBe(false);
    expect(await changed(() => ledger.control(run, 'cancelling'))).toBe(true);
    expect(await changed(() => ledger.control(run, 'stopping'))).toBe(false);
    expect(await changed(() => ledger.release([{ shard: shard.id, epoch: 9, dueAt: null }]))).toBe(false);
    expect(await changed(() => ledger.commit({ slot: 0, shards: [sampleCommit({ ...shard, epoch: 9 })], newShards: [] }))).toBe(false);
    expect(await changed(() => ledger.commit({ slot: 0, shards: [sampleCommit(shard)], newShards: [] }))).toBe(true);
    expect(await changed(() => ledger.endRun(run, { status: 'cancelled', reason: null }))).toBe(true);
    expect(await changed(() => ledger.endRun(run, { status: 'cancelled', reason: null }))).toBe(false);
  });
});

describe('a commit to the memory ledger', () => {
  const faults: readonly (readonly [string, (shard: ClaimedShard) => Partial<CommitShard>])[] = [
    ['an execution that has ended already', ({ run }) => ({ ended: [sampleExecution(run, [0])] })],
    ['an execution that ends twice', ({ run }) => ({ ended: [sampleExecution(run, [1]), sampleExecution(run, [1])] })],
    ['a chunk that is there already', ({ run }) => ({ chunks: [sampleChunk(run, [0])] })],
    ['an attempt that is there already', ({ run }) => ({ attempts: [sampleAttempt(run, [0])] })],
    ['a row of another run', () => ({ ended: [sampleExecution(newId(), [1])] })],
    ['a gate with fewer than no executions before it', ({ run }) => ({ gates: [sampleGate(run, { initial: 1, open: -2 })] })],
  ];

  it.each(faults)('is refused as a whole for %s', async (_, fault) => {
    const { ledger } = openLedger();
    const { run } = await startWith(ledger, 2);
    const [first, second] = await ledger.claim(worker, { max: 2 });
    if (first === undefined || second === undefined) throw new TypeError('two shards were expected');
    const recorded = { ended: [sampleExecution(run, [0])], chunks: [sampleChunk(run, [0])], attempts: [sampleAttempt(run, [0])] };
    const kept = { members: first.members, size: first.size };
    await ledger.commit({ slot: 0, shards: [sampleCommit(first, { ...kept, ...recorded })], newShards: [] });

    const everything = (): unknown => [ledger.changes, ledger.look.shards(), ledger.look.executions(run), ledger.look.gates(run)];
    const before = structuredClone(everything());
    const good = {
      ended: [sampleExecution(run, [7])],
      gates: [sampleGate(run)],
      counts: [{ run, step: 0, kind: 'completed', add: 1 } as const],
      failures: [{ run, basis: -2, add: 1 }],
    };
    const shards = [sampleCommit(first, good), sampleCommit(second, fault(second))];
    await expect(ledger.commit({ slot: 0, shards, newShards: [sampleShard(run)] })).rejects.toThrow(InternalError);
    expect(everything()).toEqual(before);
    expect(await ledger.readCounts(run)).toEqual([]);
    expect(await ledger.allowFailures(run, -2, 0)).toBe(false);
  });

  it('is refused for a shard that is made twice', async () => {
    const { ledger } = openLedger();
    const shard = await startAndClaim(ledger);
    const again = sampleShard(shard.run, { id: shard.id });
    const batch = { slot: 0, shards: [sampleCommit(shard, { ended: [sampleExecution(shard.run, [0])] })], newShards: [again] };
    await expect(ledger.commit(batch)).rejects.toThrow('already');
    expect(ledger.look.executions(shard.run)).toEqual([]);
  });

  it('keeps rows that nobody can change afterwards', async () => {
    const { ledger } = openLedger();
    const shard = await startAndClaim(ledger);
    const path = [0];
    await ledger.commit({ slot: 0, shards: [sampleCommit(shard, { ended: [sampleExecution(shard.run, path)] })], newShards: [] });
    path[0] = 9;
    const [row] = await ledger.readExecutionsBelow({ run: shard.run, step: 0, scope: [], upToRound: null });
    expect(row?.path).toEqual([0]);
    expect(() => (row?.path as number[]).push(1)).toThrow(TypeError);
  });

  it('keeps logs and the names of blobs', async () => {
    const { ledger } = openLedger();
    ledger.addBlob('acme', 'sha256:a');
    const shard = await startAndClaim(ledger);
    const logs = [{ run: shard.run, records: '[{"message":"hello"}]', count: 1 }];
    await ledger.commit({ slot: 0, shards: [sampleCommit(shard, { logs, blobs: ['sha256:a'] })], newShards: [] });
    expect(ledger.look.logs(shard.run)).toEqual(logs);
    expect(ledger.look.blobs(shard.run)).toEqual(['sha256:a']);
  });
});

describe('a call of the memory ledger', () => {
  it('takes its time, before its effect and after', async () => {
    const { clock, ledger } = openLedger({ latencyMs: 10 });
    const making = startWith(ledger, 1);
    expect(ledger.look.runs()).toEqual([]);
    await clock.advance();
    expect(ledger.look.runs()).toHaveLength(1);
    let isAnswered = false;
    void making.then(() => (isAnswered = true));
    await clock.idle();
    expect(isAnswered).toBe(false);
    await clock.advance();
    expect(isAnswered).toBe(true);
  });

  it('passes crash points', async () => {
    const calls: string[] = [];
    const { ledger } = openLedger({ onCall: (method, phase) => void calls.push(`${phase} ${method}`) });
    await ledger.wakeDue();
    expect(calls).toEqual(['before wakeDue', 'after wakeDue']);
  });
});

describe('a new round of the memory ledger', () => {
  it('is refused as a whole where a gate would have fewer than no executions before it', async () => {
    const { ledger } = openLedger();
    const shard = await startAndClaim(ledger);
    const { run } = shard;
    await ledger.commit({
      slot: 0,
      shards: [sampleCommit(shard, { ended: [sampleExecution(run, [0])], gates: [sampleGate(run)] })],
      newShards: [],
    });
    await ledger.endRun(run, { status: 'failed', reason: null });
    const everything = (): unknown => [
      ledger.changes,
      ledger.look.runs(),
      ledger.look.shards(),
      ledger.look.executions(run),
      ledger.look.gates(run),
    ];
    const before = structuredClone(everything());
    const reopening = { run, round: 2, slaMs: 1, removeGates: [], counts: [], failures: [], shards: [sampleShard(run)] };
    const remove = [{ step: 0, path: [0], origin: -1, round: 0 }];
    await expect(ledger.reopen({ ...reopening, remove, gates: [sampleGate(run, { open: -2 })] })).rejects.toThrow(InternalError);
    expect(everything()).toEqual(before);
  });
});
