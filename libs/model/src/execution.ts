import type { Json, JsonObject } from './json.ts';
import type { StepId } from './ids.ts';

/** Statuses of an execution. A failed attempt with retries left is `pending` again. */
export type ExecutionStatus = 'pending' | 'running' | 'completed' | 'failed' | 'skipped' | 'cancelled';
/** The statuses in which an execution has ended. */
export type EndedStatus = Exclude<ExecutionStatus, 'pending' | 'running'>;

/**
 * How a branch stands where an execution is decided (rules 15, 16). `live`: nothing before it ended the branch. Otherwise what ended it.
 */
export type Branch = 'live' | 'skipped' | 'failed' | 'cancelled';

/** Why an execution failed. In text it reads as its message. */
export interface ExecutionError {
  readonly satellite: StepId;
  readonly message: string;
  readonly code: string;
  readonly attempts: number;
}

/** Object indexes along the lineage, outermost first: the trigger's item, then one per step that returns many. -1: the branch ended there. */
export type Path = readonly number[];

/**
 * Names an execution within its run. Steps are numbered: `satellites` in file order, then `failure`.
 *
 * An execution of a failure chain has the path of the failed execution, and names its step as `origin` (-1: not in a chain;
 * for `per: run` the path is empty and the origin is the number of the step itself). `round` is 0 but where a key must be told from
 * an earlier round's: a chain for an item that failed again, a clean-up that ran before (rules 52, 58).
 */
export interface ExecutionKey {
  readonly step: number;
  readonly path: Path;
  readonly origin: number;
  readonly round: number;
}

/** An execution as people see it. */
export interface Execution {
  readonly key: ExecutionKey;
  readonly status: ExecutionStatus;
  readonly branch: Branch;
  readonly attempts: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly worker: string | null;
  readonly error: ExecutionError | null;
  readonly output: readonly JsonObject[] | null;
  readonly objectCount: number;
  readonly metrics: Json | null;
}

export type RunStatus = 'pending' | 'running' | 'completed' | 'partial' | 'failed' | 'cancelled';
/** The statuses in which a run has ended. */
export type EndedRunStatus = Exclude<RunStatus, 'pending' | 'running'>;
