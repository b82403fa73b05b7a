import type { EndedRunStatus, ExecutionKey, Json, LogRecord, Path, Plan, RunId, ShardId, WorkerId } from '@exosphere/model';
import type {
  ChunkRow,
  ClaimedShard,
  CommitBatch,
  CommitOutcome,
  CountDelta,
  CreateOutcome,
  ExecutionRow,
  GateDelta,
  GateRow,
  MemberList,
  NewRun,
  NewShard,
  OverdueRun,
  RunControl,
  RunRow,
  ShardWait,
} from './ledger-rows.ts';

/** Names executions of one step: at these paths. `keyRound` null: the highest there is for the rest of the key. */
export interface ExecutionsAt {
  readonly run: RunId;
  readonly step: number;
  readonly origin: number;
  readonly keyRound: number | null;
  readonly paths: readonly Path[];
}

/** Names everything of one step below one scope, in item order. */
export interface ListScope {
  readonly run: RunId;
  readonly step: number;
  readonly scope: Path;
  /** Only what ended in this round or before (rule 24). Null: all. */
  readonly upToRound: number | null;
}

export interface Lease {
  readonly shard: ShardId;
  readonly epoch: number;
  /** The members that run since more than 2 s, as text of run-machine. */
  readonly running: string;
}

export interface LeaseNews {
  /** No longer this worker's. */
  readonly lost: readonly ShardId[];
  readonly controls: ReadonlyMap<RunId, RunControl>;
  /** By the clock of the database. */
  readonly at: number;
}

/**
 * What one `retry` (or `resolve`) changes, in one transaction on an ended run, which is then running again with control `go`.
 *
 * In this order: rows and gates go; every gate with branch `live` that is decided but has no execution row is taken back to undecided;
 * deltas are applied; gates that stand at 0 and are not decided are decided (as in a commit, but as ready shards for any worker);
 * shards are made.
 */
export interface Reopening {
  readonly run: RunId;
  /** The round that this opens; the transaction fails with `run-changed` (retryable) if the run is not in the round before. */
  readonly round: number;
  /** Rows that are no longer true; their failed attempts stay. */
  readonly remove: readonly ExecutionKey[];
  /** Gates below an ended branch that is open again. */
  readonly removeGates: readonly ExecutionKey[];
  /** The new deadline is so many ms from now. */
  readonly slaMs: number;
  readonly gates: readonly GateDelta[];
  readonly counts: readonly CountDelta[];
  readonly failures: readonly { readonly run: RunId; readonly basis: number; readonly add: number }[];
  readonly shards: readonly NewShard[];
  /** Goes before all other records of the round. */
  readonly record?: LogRecord;
}

/** What `list` finds too large to be a value (spec 3.3). */
export interface ListLimits {
  readonly objects: number;
  readonly bytes: number;
}

/**
 * The tables that are the truth, as the engine needs them. Every method is one transaction, unless it says otherwise.
 *
 * All fail with ExosphereError `database-unavailable` (retryable) while PostgreSQL cannot be reached; a `commit` that fails so may
 * have happened or not: the worker then lets go of its shards.
 */
export interface Ledger {
  /** Makes the run durable: row, revision (once per digest), trigger's objects, gates, shards and wake-ups. */
  createRun(run: NewRun): Promise<CreateOutcome>;
  readRun(run: RunId): Promise<RunRow | null>;
  readPlan(revision: string): Promise<Plan | null>;

  /**
   * Takes shards that are ready: those whose wake-ups are fetched, at most `max`. Fetching the job, taking the lease (epoch + 1,
   * `losses` + 1 if a lease had lapsed) and deleting the job are one transaction. A shard with a `limit` is taken only as far as permits are free.
   */
  claim(worker: WorkerId, options: { readonly max: number }): Promise<readonly ClaimedShard[]>;
  /** Takes these shards, if they are ready and nobody's (of another worker: only when its lease has lapsed). */
  claimThese(worker: WorkerId, shards: readonly ShardId[]): Promise<readonly ClaimedShard[]>;
  renew(worker: WorkerId, leases: readonly Lease[]): Promise<LeaseNews>;
  /** Gives leases back, counting nothing (drain), or puts shards off until `dueAt`. Stale epochs are passed over. */
  release(leases: readonly { readonly shard: ShardId; readonly epoch: number; readonly dueAt: number | null }[]): Promise<void>;
  /** Writes the member list of a leased shard anew and makes other shards of what it gives away, without recording a result. False: stale. */
  split(shard: { readonly id: ShardId; readonly epoch: number } & MemberList, give: readonly NewShard[]): Promise<boolean>;
  /**
   * Notes what members of a leased shard wait for, in the place of what was noted before (empty: nothing any more); it stays when the
   * shard is given back. The record of a new wait is added to the log of the run only where no other shard of it waits for the same: a
   * reason is told once, whatever the number of shards, workers and tries. False: stale.
   */
  noteWaits(
    shard: { readonly id: ShardId; readonly epoch: number },
    waits: readonly ShardWait[],
    news: { readonly wait: ShardWait; readonly record: LogRecord } | null,
  ): Promise<boolean>;
  commit(batch: CommitBatch): Promise<CommitOutcome>;

  /** Sends wake-ups for lapsed shards, for due ones, and for ready ones that have had none for 5 s. Returns when the next one is due (ms since 1970) or null. */
  wakeDue(): Promise<{ readonly woken: number; readonly nextDueAt: number | null }>;
  /** Tells the callback when shards were made or woken by any process; may call too often. Ends with the signal. */
  listen(onWork: () => void, options: { readonly signal: AbortSignal }): Promise<void>;

  /** Objects `from`… of one execution's list (step -1: the trigger's items). Fewer only where there are fewer. */
  readObjects(list: {
    readonly run: RunId;
    readonly step: number;
    readonly path: Path;
    readonly origin: number;
    readonly keyRound: number | null;
    readonly from: number;
    readonly count: number;
  }): Promise<readonly Json[]>;
  readExecutions(of: ExecutionsAt): Promise<readonly ExecutionRow[]>;
  /** All ended executions of a step below a scope, in item order, without their chunks. */
  readExecutionsBelow(of: ListScope): Promise<readonly ExecutionRow[]>;
  /** The objects of completed executions below a scope, in item order, `many` and `one` alike; `too-large` names what there is. */
  readList(
    of: ListScope,
    limits: ListLimits,
  ): Promise<
    | { readonly kind: 'list'; readonly objects: readonly Json[] }
    | { readonly kind: 'too-large'; readonly objects: number; readonly bytes: number }
  >;
  /** The same without limits, chunk by chunk. */
  streamList(of: ListScope): AsyncIterable<readonly Json[]>;
  readGates(run: RunId, gates: readonly ExecutionKey[]): Promise<readonly GateRow[]>;
  /** The chunks of one execution's list, in order. */
  readChunks(list: {
    readonly run: RunId;
    readonly step: number;
    readonly path: Path;
    readonly origin: number;
    readonly keyRound: number | null;
  }): AsyncIterable<ChunkRow>;
  /** The highest number of a recorded (failed) attempt, for those that have one. In the order of `paths`; 0: none. */
  readLastAttempts(of: ExecutionsAt): Promise<readonly number[]>;
  readCounts(run: RunId): Promise<readonly CountDelta[]>;
  /** The open members of all shards of the run, with whether a worker holds each shard and what it said is running. */
  readOpen(run: RunId): Promise<
    readonly {
      readonly members: string;
      readonly size: number;
      readonly held: boolean;
      readonly running: string;
      readonly dueAt: number | null;
    }[]
  >;

  /** Executions that a `retry` looks at, main steps and chains, in key order, in pages: failed or cancelled ones, or (`dead`) those on an ended branch, whatever their status. */
  readEnded(
    run: RunId,
    options: { readonly after: ExecutionKey | null; readonly limit: number; readonly which: 'failed' | 'cancelled' | 'dead' },
  ): Promise<readonly ExecutionRow[]>;

  /**
   * Starts that a step's `rate-limit` grants now: at most `limit` in any `perMs` over all runs of the cluster, for this key. Fewer than
   * `want` only where it is used up; then `nextAt` (ms since 1970) is when to ask again.
   */
  takeRate(rate: {
    readonly cluster: string;
    readonly step: string;
    readonly key: string;
    readonly limit: number;
    readonly perMs: number;
    readonly want: number;
  }): Promise<{ readonly granted: number; readonly nextAt: number }>;

  /** Raises the control of a run; makes its waiting shards due. Returns the control that holds then; null: no such run, or it has ended. */
  control(run: RunId, control: RunControl): Promise<RunControl | null>;
  /** Sets the number of failures that `basis` allows; true if it is exceeded already (the run is then stopping). */
  allowFailures(run: RunId, basis: number, allowed: number): Promise<boolean>;
  /** Adds shards to a run that has none left (a `per: run` chain), unless it has ended. */
  addShards(run: RunId, shards: readonly NewShard[], gates: readonly GateDelta[], mark: 'run-chain'): Promise<boolean>;
  /**
   * Ends a run that has no shard; starts the next of its concurrency group. False: it has shards, has ended already, or has just
   * changed. The record is the last one of its log in this round.
   */
  endRun(
    run: RunId,
    end: { readonly status: EndedRunStatus; readonly reason: string | null; readonly record?: LogRecord },
  ): Promise<boolean>;
  /** Runs without a shard that have not ended: left behind by a crash. */
  settledRuns(limit: number): Promise<readonly RunId[]>;
  /** Runs behind their deadline, the oldest deadline first. */
  overdueRuns(limit: number): Promise<readonly OverdueRun[]>;
  /** Notes that a run missed its deadline, once a round: adds the record to its log, and raises its control. False: it was done, or the run has ended. */
  missDeadline(run: RunId, miss: { readonly control: 'overdue' | 'overdue-all' | null; readonly record: LogRecord }): Promise<boolean>;
  reopen(reopening: Reopening): Promise<void>;
  /** Whether a `per: run` chain was begun in this round. */
  hasRunChain(run: RunId): Promise<boolean>;
}
