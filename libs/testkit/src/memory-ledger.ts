import type { RunId, ShardId } from '@exosphere/model';
import { asId, uuidv7 } from '@exosphere/model';
import type { AttemptRow, Clock, ExecutionRow, GateRow, Ledger, LogChunkRow, LogReader } from '@exosphere/ports';
import type { CrashPoint } from './crash-points.ts';
import { withCrashPoints } from './crash-points.ts';
import { commit } from './memory-ledger/commit.ts';
import { allowFailures, readCounts } from './memory-ledger/counters.ts';
import { claim, claimThese, noteWaits, release, renew, split } from './memory-ledger/leases.ts';
import { advanceSink, claimForwarding, finishForwarding, readLogChunks, readSinks, releaseForwarding } from './memory-ledger/logs.ts';
import type { Memory, MemoryRun, MemoryShard, RunResults } from './memory-ledger/memory.ts';
import { takeRate } from './memory-ledger/rates.ts';
import {
  listPages,
  readChunks,
  readEnded,
  readExecutions,
  readExecutionsBelow,
  readLastAttempts,
  readList,
  readObjects,
} from './memory-ledger/read-results.ts';
import { hasRunChain, readGates, readOpen, readPlan, readRun } from './memory-ledger/read-runs.ts';
import { reopen } from './memory-ledger/reopen.ts';
import { addShards, control, createRun, endRun, missDeadline, overdueRuns, settledRuns } from './memory-ledger/runs.ts';
import { wakeDue } from './memory-ledger/wake-due.ts';
import type { WakeUpFaults } from './memory-ledger/wake-up-queue.ts';
import { WakeUpQueue, noFaults } from './memory-ledger/wake-up-queue.ts';
import type { SeededRandom } from './seeded-random.ts';
import { seededRandom } from './seeded-random.ts';

export interface MemoryLedgerOptions {
  /** Its time is that of the ledger. */
  readonly clock: Clock;
  /** Of faults, latencies and ids; default 1. */
  readonly seed?: number;
  /** What happens to wake-ups, and to the signals of those who listen; default: nothing. */
  readonly faults?: Partial<WakeUpFaults>;
  /** A method takes up to so many ms of the clock's time before its effect, and again before its answer; default 0. */
  readonly latencyMs?: number;
  /** Called around every method of the ledger; see {@link withCrashPoints}. */
  readonly onCall?: CrashPoint;
}

/** A ledger in memory, with what a test wants to see and do beside the port. */
export interface MemoryLedger extends Ledger, LogReader {
  /** Rises when something that is true changes: not for a lease that goes on, nor for a wake-up. */
  readonly changes: number;
  /** Wake-ups on their way, delayed ones too. */
  readonly wakeUps: number;
  /** As if somebody had emptied the queue. */
  loseWakeUps(): void;
  /** Makes a blob known, as an upload does. */
  addBlob(project: string, digest: string): void;
  readonly look: MemoryLook;
}

/** All rows, for assertions. */
export interface MemoryLook {
  runs(): readonly MemoryRun[];
  shards(run?: RunId): readonly MemoryShard[];
  /** In the order of their keys, like gates and attempts. */
  executions(run: RunId): readonly ExecutionRow[];
  gates(run: RunId): readonly GateRow[];
  attempts(run: RunId): readonly AttemptRow[];
  /** In the order in which they were recorded. */
  logs(run: RunId): readonly LogChunkRow[];
  blobs(run: RunId): readonly string[];
}

/**
 * A ledger that keeps its tables in maps, to run the engine under simulation. Its methods are transactions, since each has its effect in one turn.
 *
 * It is stricter than it must be: what PostgreSQL refuses by a key (an execution that ends twice, a shard made twice) is an InternalError
 * here too, and so is a row that comes with the shard of another run.
 */
export function createMemoryLedger(options: MemoryLedgerOptions): MemoryLedger {
  const random = seededRandom(options.seed ?? 1);
  const counter = { changes: 0 };
  const listeners = new Set<() => void>();
  const memory = emptyMemory({ options, random, listeners, changed: () => (counter.changes += 1) });
  const latencyMs = options.latencyMs ?? 0;
  const wait = (): Promise<void> =>
    latencyMs > 0 ? options.clock.sleep(random.next() * latencyMs, new AbortController().signal) : Promise.resolve();
  const ledger = ledgerOf(memory, { wait, listeners });
  return {
    ...(options.onCall === undefined ? ledger : withCrashPoints(ledger, options.onCall)),
    get changes() {
      return counter.changes;
    },
    get wakeUps() {
      return memory.queue.size;
    },
    loseWakeUps: () => memory.queue.clear(),
    addBlob: (project, digest) => void memory.blobs.add(`${project}|${digest}`),
    look: lookAt(memory),
  };
}

interface MemoryParts {
  readonly options: MemoryLedgerOptions;
  readonly random: SeededRandom;
  readonly listeners: ReadonlySet<() => void>;
  readonly changed: () => void;
}

function emptyMemory({ options: { clock, faults }, random, listeners, changed }: MemoryParts): Memory {
  const now = (): number => Math.floor(clock.now());
  const queue = new WakeUpQueue({ faults: { ...noFaults, ...faults }, random, now });
  return {
    plans: new Map(),
    runs: new Map(),
    shards: new Map(),
    results: new Map(),
    blobs: new Set(),
    rates: new Map(),
    forwarding: new Map(),
    sinks: new Map(),
    queue,
    now,
    newShardId: () => asId<ShardId>(uuidv7(now(), random.bytes(10))),
    changed,
    tellOfWork: () => {
      for (const listener of listeners) queue.signal(() => queueMicrotask(listener));
    },
  };
}

interface Reach {
  readonly wait: () => Promise<void>;
  readonly listeners: Set<() => void>;
}

function ledgerOf(memory: Memory, reach: Reach): Ledger & LogReader {
  return { ...tableMethods(memory, reach), ...logMethods(memory, reach) };
}

type Call = <Args extends readonly unknown[], Answer>(
  effect: (memory: Memory, ...args: Args) => Answer,
) => (...args: Args) => Promise<Answer>;

function callsOf(memory: Memory, { wait }: Reach): Call {
  return (effect) =>
    async (...args) => {
      await wait();
      const answer = effect(memory, ...args);
      await wait();
      return answer;
    };
}

function tableMethods(memory: Memory, { wait, listeners }: Reach): Ledger {
  const call = callsOf(memory, { wait, listeners });
  const stream = <Of, Part>(effect: (memory: Memory, of: Of) => Iterable<Part>) =>
    async function* (of: Of): AsyncGenerator<Part> {
      await wait();
      yield* effect(memory, of);
    };
  return {
    createRun: call(createRun),
    readRun: call(readRun),
    readPlan: call(readPlan),
    claim: (worker, { max }) => call(claim)(worker, max),
    claimThese: call(claimThese),
    renew: call(renew),
    release: call(release),
    split: call(split),
    noteWaits: call(noteWaits),
    commit: call(commit),
    wakeDue: call(wakeDue),
    listen: (onWork, { signal }) => listen(listeners, onWork, signal),
    readObjects: call(readObjects),
    readExecutions: call(readExecutions),
    readExecutionsBelow: call(readExecutionsBelow),
    readList: call(readList),
    streamList: stream(listPages),
    readGates: call(readGates),
    readChunks: stream(readChunks),
    readLastAttempts: call(readLastAttempts),
    readCounts: call(readCounts),
    readOpen: call(readOpen),
    readEnded: call(readEnded),
    takeRate: call(takeRate),
    control: call(control),
    allowFailures: call(allowFailures),
    addShards: (run, shards, gates) => call(addShards)(run, shards, gates),
    endRun: call(endRun),
    settledRuns: call(settledRuns),
    overdueRuns: call(overdueRuns),
    missDeadline: call(missDeadline),
    reopen: call(reopen),
    hasRunChain: call(hasRunChain),
  };
}

function logMethods(memory: Memory, reach: Reach): LogReader {
  const call = callsOf(memory, reach);
  return {
    readLogChunks: call(readLogChunks),
    claimForwarding: call(claimForwarding),
    releaseForwarding: call(releaseForwarding),
    readSinks: call(readSinks),
    advanceSink: call(advanceSink),
    finishForwarding: call(finishForwarding),
  };
}

/** Calls back at once (there may be work already) and then for each signal. */
async function listen(listeners: Set<() => void>, onWork: () => void, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const listener = (): void => onWork();
  listeners.add(listener);
  onWork();
  await new Promise<void>((ended) => signal.addEventListener('abort', () => ended(), { once: true }));
  listeners.delete(listener);
}

function lookAt(memory: Memory): MemoryLook {
  const of = <T>(run: RunId, read: (results: RunResults) => readonly T[]): readonly T[] => {
    const results = memory.results.get(run);
    return results === undefined ? [] : read(results);
  };
  return {
    runs: () => [...memory.runs.values()],
    shards: (run) => [...memory.shards.values()].filter((shard) => run === undefined || shard.run === run),
    executions: (run) => of(run, (results) => results.executions.rows()),
    gates: (run) => of(run, (results) => results.gates.rows()),
    attempts: (run) => of(run, (results) => results.attempts.rows().flat()),
    logs: (run) => of(run, (results) => [...results.logs]),
    blobs: (run) => of(run, (results) => [...results.blobs].sort()),
  };
}
