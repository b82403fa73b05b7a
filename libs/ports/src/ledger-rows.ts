import type { Branch, EndedStatus, Json, JsonObject, LogRecord, Path, Plan, RunId, RunStatus, ShardId } from '@exosphere/model';

/** What is asked of a run from outside, or by its own rules. Only ever rises within a round, but for `paused`. */
export type RunControl =
  | 'go'
  /** Nothing new starts until it goes on. */
  | 'paused'
  /** `tolerate` is exceeded: running attempts finish, what is pending or would follow is cancelled (rule 47). */
  | 'stopping'
  /** It missed its SLA: as `overdue-all`, but failure chains that have begun, and one for the whole run, still run. */
  | 'overdue'
  /** Cancelled: running and pending become cancelled; `always()` and `cancelled()` steps still run (rule 49). */
  | 'cancelling'
  /** It missed its SLA: nothing new starts, running and pending become cancelled with the code `sla`. */
  | 'overdue-all'
  /** Cancelled twice: those are stopped as well. */
  | 'cancelling-all';

/** A run with all that a worker needs of it. */
export interface RunRow {
  readonly id: RunId;
  /** Counts up per cluster, from 1. */
  readonly number: number;
  readonly project: string;
  /** `project/name`. */
  readonly cluster: string;
  /** `sha256:…` of the plan. */
  readonly revision: string;
  readonly environment: string | null;
  readonly status: RunStatus;
  readonly control: RunControl;
  /** 1, and one more for each `retry`. */
  readonly round: number;
  readonly trigger: JsonObject;
  readonly inputs: JsonObject;
  /** How many objects the trigger hands on. */
  readonly items: number;
  /** ms since 1970, by the clock of the database. */
  readonly acceptedAt: number;
  readonly deadline: number;
  readonly endedAt: number | null;
  readonly late: boolean;
  readonly logs: 'none' | 'pending' | 'delivered' | 'given-up';
  /** Why it ended as it did, or why it is stuck, in one sentence. */
  readonly reason: string | null;
  readonly origin: string | null;
}

/** The list of open members of a shard, as text that only run-machine reads; `size` is how many there are. */
export interface MemberList {
  readonly members: string;
  readonly size: number;
}

export interface NewShard extends MemberList {
  readonly id: ShardId;
  readonly run: RunId;
  /** ms since 1970: not before this time. Null: at once. */
  readonly dueAt: number | null;
  /** Smaller goes first: the latest start in seconds (spec 3.8). */
  readonly priority: number;
  /** The step whose `max-parallel` bounds this shard: all its members are of that step. */
  readonly limit: { readonly step: number; readonly max: number } | null;
  /** Losses of the shard that it is a part of; 0 for work that is new. */
  readonly losses: number;
  /** The worker that commits keeps it: it is leased to it at once, with epoch 1, and gets no wake-up. */
  readonly keep: boolean;
}

/** What members of a shard wait for: the satellite of their step cannot be opened now. */
export interface ShardWait {
  readonly step: number;
  /** In one sentence, for people. */
  readonly reason: string;
}

/** A shard in the hands of a worker. */
export interface ClaimedShard extends MemberList {
  readonly id: ShardId;
  readonly run: RunId;
  /** Fences every commit. */
  readonly epoch: number;
  /** How many times a worker was lost while it held this shard. */
  readonly losses: number;
  /** How many of its members may run at once: its share of `max-parallel`. Null: no bound. */
  readonly permits: number | null;
  readonly limit: { readonly step: number; readonly max: number } | null;
  /** What was noted of it last, by this worker or another one. */
  readonly waits: readonly ShardWait[];
}

/** An execution that ended. */
export interface ExecutionRow {
  readonly run: RunId;
  readonly step: number;
  readonly path: Path;
  readonly origin: number;
  readonly keyRound: number;
  readonly status: EndedStatus;
  readonly branch: Branch;
  /** The round in which it ended: what a collect of an earlier round has not seen (rule 24). */
  readonly round: number;
  readonly attempts: number;
  /** Retries used in its last round. */
  readonly retries: number;
  readonly startedAt: number | null;
  readonly endedAt: number;
  /** JSON text of its one object; null for `many` (see chunks) and where it handed on nothing. */
  readonly output: string | null;
  /** How many objects it handed on. */
  readonly objects: number;
  /** JSON text of an ExecutionError. */
  readonly error: string | null;
  /** JSON text. */
  readonly metrics: string | null;
  /**
   * `continued`: failed, but let pass. `unmet`: a collect that was not satisfied; `consequence`: such a one, where a failure behind it
   * had a chain. `condition`: its `if` said no.
   */
  readonly note: 'continued' | 'unmet' | 'consequence' | 'condition' | null;
  /** Of a collect: how many executions of each need it gathered, in the order of its needs. */
  readonly collected: readonly number[] | null;
}

/** Objects `from`… of a list, at most 500 and 1 MiB. */
export interface ChunkRow {
  readonly run: RunId;
  readonly step: number;
  readonly path: Path;
  readonly origin: number;
  readonly keyRound: number;
  readonly from: number;
  readonly count: number;
  /** JSON text of the list. */
  readonly objects: string;
}

/** An attempt that failed, timed out or was lost. */
export interface AttemptRow {
  readonly run: RunId;
  readonly step: number;
  readonly path: Path;
  readonly origin: number;
  readonly keyRound: number;
  readonly attempt: number;
  readonly round: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** JSON text of `{message, code, retryable}`. */
  readonly error: string;
}

/**
 * A change to one gate (a join or collect at one object of its scope).
 *
 * `open` counts the executions and gates before it that have not ended. If there is no row yet, it begins at `initial`. When it
 * reaches 0 for the first time and `fires` allows it, the gate is decided: the same transaction makes a shard of it.
 */
export interface GateDelta {
  readonly run: RunId;
  readonly step: number;
  readonly path: Path;
  readonly origin: number;
  readonly keyRound: number;
  readonly initial: number;
  readonly open: number;
  /** Added element by element; see run-machine's `gate-tally.ts` for the layout. */
  readonly tally: readonly number[];
  /** How the branch of its scope stands; set when the row is made. */
  readonly branch: Branch;
  /** `always`: also while the run is stopping or cancelling; `going`: only while it goes (or is paused). */
  readonly fires: 'going' | 'always';
  /** If the gate has been decided already, so many items came too late for it: added to its step's count `late`. */
  readonly late: number;
}

export interface GateRow {
  readonly run: RunId;
  readonly step: number;
  readonly path: Path;
  readonly origin: number;
  readonly keyRound: number;
  readonly open: number;
  readonly tally: readonly number[];
  readonly branch: Branch;
  readonly decided: boolean;
  /** When it was decided, ms since 1970: the time at which its execution was made. */
  readonly decidedAt: number | null;
}

/** Counters of a run per step; `kind` is an ended status or one of ours. */
export interface CountDelta {
  readonly run: RunId;
  readonly step: number;
  readonly kind: EndedStatus | 'continued' | 'objects' | 'ended-well' | 'late' | 'unmet';
  readonly add: number;
}

/** Failures that count towards `tolerate`, by the ancestor whose objects they are a percentage of (-1: none, so of 1; -2: a plain number). */
export interface FailureDelta {
  readonly run: RunId;
  readonly basis: number;
  readonly add: number;
}

/** Log records of one run, written in one row. */
export interface LogChunkRow {
  readonly run: RunId;
  /** JSON text of a list of LogRecords. */
  readonly records: string;
  readonly count: number;
}

/** What a worker records in one transaction. Everything belongs to one of its shards, by index. */
export interface CommitBatch {
  /** Where this worker's counters go: 0…15. */
  readonly slot: number;
  readonly shards: readonly CommitShard[];
  /** Shards made by what ended. */
  readonly newShards: readonly NewShard[];
}

export interface CommitShard extends MemberList {
  readonly id: ShardId;
  readonly run: RunId;
  readonly epoch: number;
  readonly ended: readonly ExecutionRow[];
  readonly chunks: readonly ChunkRow[];
  readonly attempts: readonly AttemptRow[];
  readonly gates: readonly GateDelta[];
  readonly counts: readonly CountDelta[];
  readonly failures: readonly FailureDelta[];
  readonly logs: readonly LogChunkRow[];
  /** Digests of blobs that values of this commit name. */
  readonly blobs: readonly string[];
}

/**
 * What became of a commit.
 *
 * `stale`: these shards are no longer this worker's; nothing at all was recorded. `blob-gone`: these digests do not exist any more.
 */
export type CommitOutcome =
  | {
      readonly kind: 'committed';
      /** Gates that became due, as shards that this worker now holds (epoch 1). Each member is a gate; no order is promised. */
      readonly fired: readonly ClaimedShard[];
      /** Runs of which no shard is left. */
      readonly settled: readonly RunId[];
      /** Control of every run of the batch as the transaction saw it. */
      readonly controls: ReadonlyMap<RunId, RunControl>;
      /** By the clock of the database. */
      readonly at: number;
    }
  | { readonly kind: 'stale'; readonly shards: readonly ShardId[] }
  | { readonly kind: 'blob-gone'; readonly digests: readonly string[] };

export interface NewRun {
  readonly id: RunId;
  readonly project: string;
  readonly cluster: string;
  readonly revision: { readonly digest: string; readonly plan: Plan; readonly source: string | null };
  readonly environment: string | null;
  readonly trigger: JsonObject;
  readonly inputs: JsonObject;
  /** What the trigger hands on. */
  readonly items: readonly Json[];
  /** ms: the deadline is this long after the run is accepted. */
  readonly slaMs: number;
  readonly concurrency: { readonly group: string; readonly limit: number; readonly onConflict: 'queue' | 'skip' | 'cancel-running' } | null;
  /** The first shards: of the roots. */
  readonly shards: readonly NewShard[];
  /** Gates with the scope of the run, or of the trigger's items. */
  readonly gates: readonly GateDelta[];
  /** Allowed failures by basis, where they are known from the start. */
  readonly allowed: readonly { readonly basis: number; readonly allowed: number }[];
  readonly logs: 'none' | 'pending';
  readonly origin: string | null;
  /** The first record of its log. */
  readonly record?: LogRecord;
}

/** What became of a trigger (rule 56). */
export type CreateOutcome =
  | {
      readonly kind: 'started';
      readonly number: number;
      /** It waits for its concurrency group. */ readonly queued: boolean;
      readonly at: number;
    }
  | { readonly kind: 'skipped'; /** The runs in the way. */ readonly because: readonly RunId[] };

/** A run behind its deadline that has not ended. */
export interface OverdueRun {
  readonly run: RunId;
  readonly revision: string;
  /** `now`: nobody has acted on it in this round. `long-ago`: it is `overdue`, and half an hour has gone by since its deadline. */
  readonly missed: 'now' | 'long-ago';
}
