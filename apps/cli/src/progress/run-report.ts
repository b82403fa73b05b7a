import { missedItems, RunRegistry } from '@exosphere/engine';
import type { RunInfo } from '@exosphere/engine';
import { ExosphereError } from '@exosphere/model';
import type { ExecutionKey, RunId, RunStatus } from '@exosphere/model';
import type { FailureGroup, RunDetail } from '@exosphere/ports';
import type { PostgresLedger } from '@exosphere/postgres';
import { executionName, stepAt } from '@exosphere/run-machine';
import { stepProgress } from './expected-counts.ts';

/** A run's status as people see it: `interrupted` is one that is open, and nobody works on it. */
export type ShownStatus = RunStatus | 'queued' | 'paused' | 'interrupted';

/** All that is told of a run; what `--json` prints. */
export interface RunReport {
  readonly run: RunId;
  readonly number: number;
  readonly cluster: string;
  readonly status: ShownStatus;
  readonly reason: string | null;
  readonly round: number;
  readonly revision: string;
  readonly environment: string | null;
  readonly origin: string | null;
  /** ISO 8601. */
  readonly acceptedAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly deadline: string;
  readonly seconds: number | null;
  readonly late: boolean;
  readonly logs: 'none' | 'pending' | 'delivered' | 'given-up';
  /** Executions that have not ended; and those of them that a worker holds. */
  readonly open: number;
  readonly held: number;
  /** Why items of steps wait: their satellites cannot be opened now. Each reason once. */
  readonly waiting: readonly ReportedWait[];
  readonly steps: readonly ReportedStep[];
  readonly failures: readonly ReportedFailure[];
  /** There are more groups of failures than are listed. */
  readonly moreFailures: boolean;
  /** Items that a collect did not wait for. */
  readonly missed: readonly string[];
}

export interface ReportedWait {
  readonly step: string;
  readonly reason: string;
}

export interface ReportedStep {
  readonly step: string;
  readonly section: 'satellites' | 'failure';
  readonly completed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cancelled: number;
  readonly continued: number;
  readonly objects: number;
}

/** Failures of one step with the same error. */
export interface ReportedFailure {
  readonly step: string;
  readonly code: string;
  readonly message: string;
  readonly count: number;
  /** Names of the first of them. */
  readonly executions: readonly string[];
}

const mostGroups = 20;
const mostNames = 5;

/**
 * Reads all that is told of a run.
 *
 * @param isHeld whether a process has the run's queue; null: the queue is one that services share
 * @throws ExosphereError `run-unknown`
 */
export async function readReport(ledger: PostgresLedger, id: RunId, isHeld: boolean | null): Promise<RunReport> {
  const detail = await ledger.readDetail(id);
  if (detail === null) throw new ExosphereError('run-unknown', `There is no run ${id} in this database.`);
  const run = await new RunRegistry(ledger).get(id);
  const groups = await ledger.groupFailures(id, { limit: mostGroups + 1 });
  const { row } = { row: detail.run };
  const failures: ReportedFailure[] = [];
  for (const group of groups.slice(0, mostGroups)) failures.push(await reportedFailure(ledger, run, group));
  return {
    ...{ run: id, number: row.number, cluster: row.cluster, reason: row.reason, round: row.round, revision: row.revision },
    ...{ environment: row.environment, origin: row.origin, late: row.late, logs: row.logs },
    status: shownStatus(detail, isHeld),
    ...timesOf(detail),
    open: detail.openMembers,
    held: detail.heldMembers,
    waiting: detail.waiting.map(({ step, reason }) => ({ step: stepAt(run.graph, step).plan.identifier, reason })),
    steps: stepProgress(run.graph, detail.counts, row.items).map(({ step, completed, failed, skipped, cancelled, continued, objects }) => ({
      step: step.plan.identifier,
      section: step.inChain ? 'failure' : 'satellites',
      ...{ completed, failed, skipped, cancelled, continued, objects },
    })),
    failures,
    moreFailures: groups.length > mostGroups,
    missed: row.round > 1 ? await missedItems(ledger, run) : [],
  };
}

/** The status of a run with what its row does not know: whether somebody works on it. */
export function shownStatus({ run, queued }: Pick<RunDetail, 'run' | 'queued'>, isHeld: boolean | null): ShownStatus {
  if (run.endedAt !== null) return run.status;
  if (isHeld === false) return 'interrupted';
  if (queued) return 'queued';
  return run.control === 'paused' ? 'paused' : run.status;
}

function timesOf({ run, startedAt }: RunDetail): Pick<RunReport, 'acceptedAt' | 'startedAt' | 'endedAt' | 'deadline' | 'seconds'> {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    acceptedAt: iso(run.acceptedAt),
    startedAt: startedAt === null ? null : iso(startedAt),
    endedAt: run.endedAt === null ? null : iso(run.endedAt),
    deadline: iso(run.deadline),
    seconds: run.endedAt === null ? null : (run.endedAt - run.acceptedAt) / 1_000,
  };
}

async function reportedFailure(ledger: PostgresLedger, run: RunInfo, group: FailureGroup): Promise<ReportedFailure> {
  const { step, code, message, count, example } = group;
  const page = await ledger.listExecutions(
    run.row.id,
    { step, statuses: ['failed'], errorText: message },
    { after: null, limit: mostNames },
  );
  const rows = page.items.map(({ keyRound, ...row }) => ({ ...row, round: keyRound }));
  const names = (rows.length === 0 ? [example] : rows).map((key) => nameOf(run, key));
  return { step: stepAt(run.graph, step).plan.identifier, code, message, count, executions: names };
}

/** As people see it: `parse[1]`. */
export function nameOf(run: RunInfo, { step, path, origin, round }: ExecutionKey): string {
  return executionName(run.graph, { step: stepAt(run.graph, step), path, origin, keyRound: round }, run.row.items);
}
