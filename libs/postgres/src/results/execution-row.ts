import type { Branch, EndedStatus, Path, RunId } from '@exosphere/model';
import type { ExecutionRow } from '@exosphere/ports';

export interface ExecutionRecord extends Record<string, unknown> {
  readonly run: RunId;
  readonly step: number;
  readonly path: Path;
  readonly origin: number;
  readonly key_round: number;
  readonly status: EndedStatus;
  readonly branch: Branch;
  readonly round: number;
  readonly attempts: number;
  readonly retries: number;
  readonly started_at: number | null;
  readonly ended_at: number;
  readonly output: string | null;
  readonly objects: number;
  readonly error: string | null;
  readonly metrics: string | null;
  readonly note: ExecutionRow['note'];
  readonly collected: readonly number[] | null;
}

/** Of `exosphere.execution e`. */
export const executionColumns = `e.run, e.step, e.path, e.origin, e.key_round, e.status, e.branch, e.round, e.attempts, e.retries,
  floor(extract(epoch from e.started_at) * 1000)::float8 as started_at, floor(extract(epoch from e.ended_at) * 1000)::float8 as ended_at,
  e.output, e.objects, e.error, e.metrics, e.note, e.collected`;

export function executionRow({ key_round: keyRound, started_at: startedAt, ended_at: endedAt, ...row }: ExecutionRecord): ExecutionRow {
  const { run, step, path, origin, status, branch, round, attempts, retries, output, objects, error, metrics, note, collected } = row;
  return {
    ...{ run, step, path, origin, keyRound, status, branch, round, attempts, retries, startedAt, endedAt },
    ...{ output, objects, error, metrics, note, collected },
  };
}
