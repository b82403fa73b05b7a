import type { Branch, EndedStatus, ExecutionError, JsonObject } from '@exosphere/model';
import type { AttemptRow, ExecutionRow } from '@exosphere/ports';

/** What became of an execution, before it is recorded. */
export interface Outcome {
  readonly status: EndedStatus;
  /** How its branch stood. */
  readonly branch: Branch;
  /** What it hands on. */
  readonly objects: readonly JsonObject[];
  /** Objects of its stream that are recorded already. */
  readonly streamed: number;
  readonly attempts: number;
  readonly retries: number;
  readonly startedAt: number | null;
  readonly endedAt: number;
  readonly error: ExecutionError | null;
  readonly metrics: JsonObject | null;
  readonly note: ExecutionRow['note'];
  readonly collected: readonly number[] | null;
  /** Skipped, but its item goes on (`on-skip: pass`). */
  readonly passes: boolean;
  /** The attempt that failed for good, if one did. */
  readonly failedAttempt: AttemptRow | null;
}
