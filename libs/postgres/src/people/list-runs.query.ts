import type { RunId } from '@exosphere/model';
import { asId } from '@exosphere/model';
import type { Page, PageRequest, RunFilter, RunRow } from '@exosphere/ports';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';
import type { RunRecord } from '../runs/read-run.query.ts';
import { runColumns, runRow } from '../runs/read-run.query.ts';
import { decodeCursor, pageOf } from './page-cursor.ts';

/** Ids are in the order of time, so a time is a range of ids as well. */
const list = statement<RunRecord>(
  'list runs',
  `select ${runColumns} from exosphere.run
   where ($1::text is null or project = $1) and ($2::text is null or cluster = $2) and ($3::text[] is null or status = any ($3))
     and ($4::bool is null or (coalesce(ended_at, now()) > deadline) = $4)
     and ($5::timestamptz is null or accepted_at >= $5) and ($6::timestamptz is null or accepted_at < $6)
     and ($7::uuid is null or id < $7)
   order by id desc limit $8`,
);

export async function listRuns(session: Session, filter: RunFilter, page: PageRequest): Promise<Page<RunRow>> {
  const after = page.after === null ? null : decodeCursor(page.after, ['string']);
  const rows = await session.query(list, [
    filter.project ?? null,
    filter.cluster ?? null,
    filter.statuses ?? null,
    filter.late ?? null,
    timeOf(filter.acceptedFrom),
    timeOf(filter.acceptedBefore),
    after?.[0] ?? null,
    page.limit + 1,
  ]);
  return pageOf(rows.map(runRow), page.limit, (run) => [run.id]);
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}

const find = statement<{ id: string }>('find run', 'select id from exosphere.run where cluster = $1 and number = $2');

export async function findRun(session: Session, cluster: string, number: number): Promise<RunId | null> {
  const [row] = await session.query(find, [cluster, number]);
  return row === undefined ? null : asId<RunId>(row.id);
}
