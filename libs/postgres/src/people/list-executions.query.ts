import type { RunId } from '@exosphere/model';
import { InternalError } from '@exosphere/model';
import type { ExecutionFilter, ExecutionRow, Page, PageRequest } from '@exosphere/ports';
import { pathText } from '../commit/row-columns.ts';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';
import type { ExecutionRecord } from '../results/execution-row.ts';
import { executionColumns, executionRow } from '../results/execution-row.ts';
import { rangeBelow } from '../results/path-range.ts';
import { decodeCursor, pageOf } from './page-cursor.ts';

/** Two texts: those that failed or were cancelled are found by an index of their own. */
const listStatement = (name: string, condition: string): ReturnType<typeof statement<ExecutionRecord>> =>
  statement<ExecutionRecord>(
    name,
    `select ${executionColumns} from exosphere.execution e
     where e.run = $1 and ${condition} and ($2::int is null or e.step = $2) and ($3::int is null or e.origin = $3)
       and ($4::text[] is null or e.status = any ($4)) and e.path >= $5::int[] and e.path < $6::int[]
       and ($7::text is null or e.error ilike $7)
       and ($8::int is null or (e.step, e.path, e.origin, e.key_round) > ($8, $9::int[], $10::int, $11::int))
     order by e.step, e.path, e.origin, e.key_round limit $12`,
  );

const listAll = listStatement('list executions', 'true');
const listNotWell = listStatement('list executions not well', `(e.status in ('failed', 'cancelled') or e.branch <> 'live')`);

export async function listExecutions(
  session: Session,
  run: RunId,
  filter: ExecutionFilter,
  page: PageRequest,
): Promise<Page<ExecutionRow>> {
  if (filter.below !== undefined && filter.step === undefined) throw new InternalError('a path is of a step: `below` needs `step`');
  const after = page.after === null ? null : decodeCursor(page.after, ['number', 'string', 'number', 'number']);
  const [from, to] = rangeBelow(filter.below ?? []);
  const rows = await session.query(areNotWell(filter) ? listNotWell : listAll, [
    ...[run, filter.step ?? null, filter.origin ?? null, filter.statuses ?? null, from, to],
    filter.errorText === undefined ? null : `%${escapeLike(filter.errorText)}%`,
    ...(after ?? [null, null, null, null]),
    page.limit + 1,
  ]);
  return pageOf(rows.map(executionRow), page.limit, (row) => [row.step, pathText(row.path), row.origin, row.keyRound]);
}

function areNotWell({ statuses }: ExecutionFilter): boolean {
  return statuses !== undefined && statuses.every((status) => status === 'failed' || status === 'cancelled');
}

/** The error is kept as JSON text, so what is looked for is spelled as in JSON. */
function escapeLike(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[\\%_]/g, (character) => `\\${character}`);
}
