import { ExosphereError } from '@exosphere/model';
import type { RunId, WorkerId } from '@exosphere/model';
import type { Ledger, LogReader } from '@exosphere/ports';
import { describe, expect, it } from 'vitest';
import { withCrashPoints } from './crash-points.ts';
import { newId, sampleCommit, sampleExecution, sampleRun } from './ledger-samples.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import { createSimulatedClock } from './simulated-clock.ts';

type Ports = Ledger & LogReader;

const streams: readonly (keyof Ports)[] = ['streamList', 'readChunks'];

/** A ledger whose methods answer with their own names. */
function echo(methods: readonly (keyof Ports)[]): Ports {
  const parts = methods.map((method) => {
    const call = async (): Promise<string> => method;
    const stream = async function* (): AsyncGenerator<string> {
      yield method;
    };
    return [method, streams.includes(method) ? stream : call];
  });
  return Object.fromEntries(parts); // answers are not looked at as rows
}

const lost = new ExosphereError('database-unavailable', 'gone', { retryable: true });

describe('a ledger with crash points', () => {
  const plain = createMemoryLedger({ clock: createSimulatedClock() });
  const methods = Object.entries(plain).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
  const own = ['loseWakeUps', 'addBlob'];
  const ofPort = methods.filter((name) => !own.includes(name)) as (keyof Ports)[];

  it.each(ofPort)('has two around %s, and hands its answer on', async (method) => {
    const calls: string[] = [];
    const ledger = withCrashPoints(echo(ofPort), (name, phase) => void calls.push(`${phase} ${name}`));
    const answer = (ledger[method] as () => unknown)();
    const parts: unknown[] = [];
    if (streams.includes(method)) for await (const part of answer as AsyncIterable<unknown>) parts.push(part);
    else parts.push(await answer);
    expect(parts).toEqual([method]);
    expect(calls).toEqual([`before ${method}`, `after ${method}`]);
  });

  it('covers both ports', () => {
    expect(ofPort).toHaveLength(39);
    expect(Object.keys(withCrashPoints(plain, () => undefined)).sort()).toEqual([...ofPort].sort());
  });

  it.each([
    { phase: 'before', recorded: 0, again: 'committed' },
    { phase: 'after', recorded: 1, again: 'stale' },
  ] as const)('loses the answer to a commit $phase it happened', async ({ phase, recorded, again }) => {
    const ledger = createMemoryLedger({ clock: createSimulatedClock() });
    const run = newId<RunId>();
    await ledger.createRun(sampleRun(run));
    const [shard] = await ledger.claim(newId<WorkerId>(), { max: 1 });
    if (shard === undefined) throw new TypeError('no shard to claim');
    const crashing = withCrashPoints(ledger, (method, at) => {
      if (method === 'commit' && at === phase) throw lost;
    });
    const batch = { slot: 0, shards: [sampleCommit(shard, { ended: [sampleExecution(run, [0])] })], newShards: [] };
    await expect(crashing.commit(batch)).rejects.toBe(lost);
    expect(ledger.look.executions(run)).toHaveLength(recorded);
    expect((await ledger.commit(batch)).kind).toBe(again);
    expect(ledger.look.executions(run)).toHaveLength(1);
  });

  it('lets a process die: its call never settles, and the ledger is there for others', async () => {
    const ledger = createMemoryLedger({ clock: createSimulatedClock() });
    await ledger.createRun(sampleRun(newId()));
    const dead = withCrashPoints(ledger, (_, phase) => (phase === 'after' ? new Promise<void>(() => undefined) : undefined));
    const claiming = dead.claim(newId<WorkerId>(), { max: 1 }).then(() => 'answered');
    const other = createSimulatedClock();
    await other.idle();
    expect(await Promise.race([claiming, Promise.resolve('nothing')])).toBe('nothing');
    expect(ledger.look.shards()).toMatchObject([{ epoch: 1 }]);
  });
});
