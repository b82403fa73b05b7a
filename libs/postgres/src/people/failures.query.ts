import type { ExecutionKey, Path, RunId, WorkerId } from '@exosphere/model';
import type { AttemptDetail, FailureGroup } from '@exosphere/ports';
import { pathText } from '../commit/row-columns.ts';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';

interface GroupRecord extends Record<string, unknown> {
  readonly step: number;
  readonly code: string | null;
  readonly message: string | null;
  readonly count: number;
  readonly path: Path;
  readonly origin: number;
  readonly key_round: number;
}

const groups = statement<GroupRecord>(
  'group failures',
  `select step, code, message, count(*)::float8 as count, (array_agg(path::text order by path, origin, key_round))[1]::int[] as path,
     (array_agg(origin order by path, origin, key_round))[1] as origin,
     (array_agg(key_round order by path, origin, key_round))[1] as key_round
   from (
     select e.step, e.path, e.origin, e.key_round, e.error::json ->> 'code' as code, e.error::json ->> 'message' as message
     from exosphere.execution e
     where e.run = $1 and (e.status in ('failed', 'cancelled') or e.branch <> 'live') and e.status = 'failed'
   ) e group by step, code, message order by count(*) desc, step, code, message limit $2`,
);

/** Failed executions by step and error, the most frequent first. */
export async function groupFailures(session: Session, run: RunId, limit: number): Promise<readonly FailureGroup[]> {
  const rows = await session.query(groups, [run, limit]);
  return rows.map(({ step, code, message, count, path, origin, key_round: round }) => ({
    ...{ step, code: code ?? '', message: message ?? '', count, example: { step, path, origin, round } },
  }));
}

interface AttemptRecord extends Record<string, unknown> {
  readonly run: RunId;
  readonly step: number;
  readonly path: Path;
  readonly origin: number;
  readonly key_round: number;
  readonly attempt: number;
  readonly round: number;
  readonly worker: WorkerId | null;
  readonly started_at: number;
  readonly ended_at: number;
  readonly error: string;
}

const attempts = statement<AttemptRecord>(
  'read attempts',
  `select run, step, path, origin, key_round, attempt, round, worker, floor(extract(epoch from started_at) * 1000)::float8 as started_at,
     floor(extract(epoch from ended_at) * 1000)::float8 as ended_at, error
   from exosphere.attempt where run = $1 and step = $2 and path = $3::int[] and origin = $4 and key_round = $5 order by attempt`,
);

export async function readAttempts(session: Session, run: RunId, key: ExecutionKey): Promise<readonly AttemptDetail[]> {
  const rows = await session.query(attempts, [run, key.step, pathText(key.path), key.origin, key.round]);
  return rows.map(({ key_round: keyRound, started_at: startedAt, ended_at: endedAt, ...row }) => {
    const { run: of, step, path, origin, attempt, round, worker, error } = row;
    return { run: of, step, path, origin, keyRound, attempt, round, worker, startedAt, endedAt, error };
  });
}
