import type { RunId, ShardId, WorkerId } from '@exosphere/model';
import { InternalError } from '@exosphere/model';
import type {
  AttemptRow,
  ChunkRow,
  ExecutionRow,
  GateRow,
  LogChunkRow,
  MemberList,
  NewRun,
  NewShard,
  RunRow,
  ShardWait,
  SinkState,
} from '@exosphere/ports';
import { RowsByKey } from './rows-by-key.ts';
import type { WakeUpQueue } from './wake-up-queue.ts';

/** How long a lease holds unless it is renewed. */
export const leaseMs = 20_000;
/** After so long without a wake-up a ready shard gets another one. */
export const lookAgainMs = 5_000;

/** A run as it is kept: JSON as text, so that nobody can change what is recorded. */
export interface MemoryRun extends Omit<RunRow, 'late' | 'trigger' | 'inputs'> {
  readonly trigger: string;
  readonly inputs: string;
  readonly concurrency: NewRun['concurrency'];
  /** It waits for its concurrency group. */
  readonly queued: boolean;
  /** The round in which a `per: run` chain was begun. */
  readonly chainRound: number | null;
  /** The round in which it was noted that the run missed its deadline. */
  readonly missedRound: number | null;
}

/** A shard as it is kept. */
export interface MemoryShard extends MemberList {
  readonly id: ShardId;
  readonly run: RunId;
  readonly epoch: number;
  readonly owner: WorkerId | null;
  readonly leaseUntil: number | null;
  readonly losses: number;
  readonly dueAt: number | null;
  /** When somebody has to look at it unless something happens before. */
  readonly lookAt: number;
  readonly priority: number;
  readonly limit: NewShard['limit'];
  readonly permits: number | null;
  readonly running: string;
  readonly waits: readonly ShardWait[];
}

export interface FailureCount {
  readonly failed: number;
  readonly allowed: number | null;
}

/** What was recorded of one run. */
export interface RunResults {
  readonly executions: RowsByKey<ExecutionRow>;
  readonly chunks: RowsByKey<readonly ChunkRow[]>;
  readonly attempts: RowsByKey<readonly AttemptRow[]>;
  readonly gates: RowsByKey<GateRow>;
  /** By `step|kind`. */
  readonly counts: Map<string, number>;
  readonly failures: Map<number, FailureCount>;
  readonly logs: LogChunkRow[];
  readonly blobs: Set<string>;
}

export interface RateUse {
  readonly expiresAt: number;
  readonly starts: number;
}

/** The tables, and what the methods need beside them. Each method runs in one turn, and checks all before it changes anything. */
export interface Memory {
  /** By digest, as JSON text. */
  readonly plans: Map<string, string>;
  readonly runs: Map<RunId, MemoryRun>;
  readonly shards: Map<ShardId, MemoryShard>;
  readonly results: Map<RunId, RunResults>;
  /** `project|digest`. */
  readonly blobs: Set<string>;
  readonly rates: Map<string, readonly RateUse[]>;
  /** Who hands the records of a run to its sinks. */
  readonly forwarding: Map<RunId, { readonly owner: WorkerId; readonly until: number }>;
  readonly sinks: Map<RunId, Map<string, SinkState>>;
  readonly queue: WakeUpQueue;
  /** ms since 1970. */
  readonly now: () => number;
  readonly newShardId: () => ShardId;
  /** Something that is true has changed: not a lease that goes on, not a wake-up. */
  readonly changed: () => void;
  /** Tells those who listen that there is work. */
  readonly tellOfWork: () => void;
}

export function emptyResults(): RunResults {
  return {
    executions: new RowsByKey(),
    chunks: new RowsByKey(),
    attempts: new RowsByKey(),
    gates: new RowsByKey(),
    counts: new Map(),
    failures: new Map(),
    logs: [],
    blobs: new Set(),
  };
}

/** A run that somebody names who must know that it is there. */
export function runOf(memory: Memory, id: RunId): MemoryRun {
  const run = memory.runs.get(id);
  if (run === undefined) throw new InternalError(`rows of the run ${id} were sent to the ledger, which has no such run`);
  return run;
}

export function resultsOf(memory: Memory, id: RunId): RunResults {
  const results = memory.results.get(id);
  if (results === undefined) throw new InternalError(`rows of the run ${id} were sent to the ledger, which has no such run`);
  return results;
}

export function shardsOf(memory: Memory, run: RunId): readonly MemoryShard[] {
  return [...memory.shards.values()].filter((shard) => shard.run === run);
}

/** Whether a worker holds it now. */
export function isHeld(shard: MemoryShard, now: number): boolean {
  return shard.owner !== null && (shard.leaseUntil ?? 0) >= now;
}

/** A run whose work may be taken: not paused, not waiting for its concurrency group (but to be cancelled). */
export function mayGo(run: MemoryRun): boolean {
  return run.endedAt === null && run.control !== 'paused' && (!run.queued || isLeaving(run));
}

export function isCancelling({ control }: MemoryRun): boolean {
  return control === 'cancelling' || control === 'cancelling-all';
}

/** It will not do what it was made for: it is cancelled, or missed its SLA. */
export function isLeaving(run: MemoryRun): boolean {
  return isCancelling(run) || run.control === 'overdue' || run.control === 'overdue-all';
}
