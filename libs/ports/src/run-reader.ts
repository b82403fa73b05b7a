import type { ExecutionKey, LogLevel, LogRecord, Path, RunId, RunStatus, WorkerId, EndedStatus } from '@exosphere/model';
import type { LogCursor } from './log-reader.ts';
import type { AttemptRow, CountDelta, ExecutionRow, RunRow, ShardWait } from './ledger-rows.ts';

/** A part of a longer list; `next` asks for the part behind it, null: there is none. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface PageRequest {
  /** `next` of the page before; null: from the beginning. */
  readonly after: string | null;
  /** At most 1,000. */
  readonly limit: number;
}

/** All that are named must hold. */
export interface RunFilter {
  readonly project?: string;
  /** `project/name`. */
  readonly cluster?: string;
  readonly statuses?: readonly RunStatus[];
  /** Only runs that are (or ended) behind their deadline, or only others. */
  readonly late?: boolean;
  /** ms since 1970: accepted at or after this time. */
  readonly acceptedFrom?: number;
  /** ms since 1970: accepted before this time. */
  readonly acceptedBefore?: number;
}

/** One run with its counters. What is pending or running has no row: it is computed from the open shards (`Ledger.readOpen`). */
export interface RunDetail {
  readonly run: RunRow;
  readonly startedAt: number | null;
  /** It waits for its concurrency group. */
  readonly queued: boolean;
  readonly counts: readonly CountDelta[];
  /** Members of shards: executions and gates that are pending or running. */
  readonly openMembers: number;
  /** Of those, in shards that a worker holds. */
  readonly heldMembers: number;
  /** What shards of it wait for, each reason once, in the order of steps; at most 20. */
  readonly waiting: readonly ShardWait[];
}

/** All that are named must hold. */
export interface ExecutionFilter {
  readonly step?: number;
  /** The step whose failure a chain is for; -1: main steps only. */
  readonly origin?: number;
  readonly statuses?: readonly EndedStatus[];
  /** At or below this path; needs `step`. */
  readonly below?: Path;
  /** A part of the message or the code of the error, in any case. */
  readonly errorText?: string;
}

/** Failed executions of one step with the same error. */
export interface FailureGroup {
  readonly step: number;
  readonly code: string;
  readonly message: string;
  readonly count: number;
  /** The first of them, in item order. */
  readonly example: ExecutionKey;
}

export interface AttemptDetail extends AttemptRow {
  readonly worker: WorkerId | null;
}

export interface LogFilter {
  readonly step?: string;
  /** As records name it: `ocr[1.0]`. */
  readonly execution?: string;
  readonly leastLevel?: LogLevel;
}

export interface LogPage {
  readonly records: readonly LogRecord[];
  /** Where the next page begins; null: there are no more now. */
  readonly next: LogCursor | null;
  /** Behind the last record that was looked at: from here, what is written later is found. */
  readonly last: LogCursor | null;
  /** More have been written, which can be read in a moment: see {@link LogChunks}. */
  readonly waiting: boolean;
}

/**
 * What people ask of runs. Every method is one read; failures as those of the ledger. A cursor of another question is refused with
 * `bad-cursor`.
 */
export interface RunReader {
  /** The newest first. */
  listRuns(filter: RunFilter, page: PageRequest): Promise<Page<RunRow>>;
  /** By its number within its cluster. */
  findRun(cluster: string, number: number): Promise<RunId | null>;
  readDetail(run: RunId): Promise<RunDetail | null>;
  /** Ended ones, in the order of steps, then items. */
  listExecutions(run: RunId, filter: ExecutionFilter, page: PageRequest): Promise<Page<ExecutionRow>>;
  /** The largest groups first. */
  groupFailures(run: RunId, options: { readonly limit: number }): Promise<readonly FailureGroup[]>;
  /** The failed attempts of one execution, in order. */
  readAttempts(run: RunId, execution: ExecutionKey): Promise<readonly AttemptDetail[]>;
  /** Log records in their order. Fewer than `limit` do not mean that there are no more: `next` null does. */
  readLogs(run: RunId, filter: LogFilter, page: { readonly after: LogCursor | null; readonly limit: number }): Promise<LogPage>;
}
