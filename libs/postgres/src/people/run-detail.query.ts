import type { RunId } from '@exosphere/model';
import type { RunDetail, ShardWait } from '@exosphere/ports';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';
import type { RunRecord } from '../runs/read-run.query.ts';
import { readCounts, runColumns, runRow } from '../runs/read-run.query.ts';

interface DetailRecord extends RunRecord {
  readonly started_at: number | null;
  readonly queued: boolean;
  readonly open_members: number;
  readonly held_members: number;
  readonly waiting: readonly ShardWait[] | null;
}

const mostWaits = 20;

const detail = statement<DetailRecord>(
  'run detail',
  `select r.*, s.open_members, s.held_members, w.waiting
   from (select ${runColumns}, floor(extract(epoch from started_at) * 1000)::float8 as started_at, queued from exosphere.run where id = $1) r,
     lateral (
       select coalesce(sum(size), 0)::float8 as open_members,
         coalesce(sum(size) filter (where owner is not null and lease_until >= now()), 0)::float8 as held_members
       from exosphere.shard where run = $1
     ) s,
     lateral (
       select jsonb_agg(wait order by step, reason) as waiting from (
         select distinct (wait ->> 'step')::int as step, wait ->> 'reason' as reason, wait
         from exosphere.shard, jsonb_array_elements(waits) as each (wait) where run = $1 and waits is not null
         order by step, reason limit ${mostWaits}
       ) told
     ) w`,
);

export async function readDetail(session: Session, run: RunId): Promise<RunDetail | null> {
  const [row] = await session.query(detail, [run]);
  if (row === undefined) return null;
  return {
    run: runRow(row),
    startedAt: row.started_at,
    queued: row.queued,
    counts: await readCounts(session, run),
    openMembers: row.open_members,
    heldMembers: row.held_members,
    waiting: row.waiting ?? [],
  };
}
