import type { LogRecord, RunId } from '@exosphere/model';
import type { OverdueRun, RunControl } from '@exosphere/ports';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';
import type { RunControlParts } from './control-run.ts';
import { rouseShards } from './control-run.ts';

const overdue = statement<{ run: RunId; revision: string; missed: OverdueRun['missed'] }>(
  'overdue runs',
  `select id as run, revision, case when missed_round is distinct from round then 'now' else 'long-ago' end as missed from exosphere.run
   where ended_at is null and deadline < now() and queue = $1
     and (missed_round is distinct from round or (control = 'overdue' and deadline < now() - interval '30 minutes'))
   order by deadline, id limit $2`,
);

/** Runs of a queue that are behind their deadline, and of which somebody has to take notice. */
export async function overdueRuns(session: Session, queue: string, limit: number): Promise<readonly OverdueRun[]> {
  const rows = await session.query(overdue, [queue, limit]);
  return rows.map(({ run, revision, missed }) => ({ run, revision, missed }));
}

const miss = statement<{ control: RunControl | null }>('miss deadline', 'select exosphere.miss_deadline($1, $2, $3) as control');

/** Takes notice, once a round. */
export async function missDeadline(
  parts: RunControlParts,
  run: RunId,
  { control, record }: { readonly control: 'overdue' | 'overdue-all' | null; readonly record: LogRecord },
): Promise<boolean> {
  const [row] = await parts.connections.query(miss, [run, control, JSON.stringify(record)]);
  const raised = row?.control ?? null;
  if (raised === null) return false;
  if (control !== null) await rouseShards(parts, run, raised);
  return true;
}
