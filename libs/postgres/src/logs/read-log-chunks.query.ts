import type { LogRecord, RunId } from '@exosphere/model';
import type { LogChunk, LogChunks, LogCursor } from '@exosphere/ports';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';
import { readCursor, writeCursor } from './log-cursor.ts';

/** In the order of their transactions, as numbers: without the table's name it would be that of the text. Below `xmin` none is still going: nothing is ever added before one of those. */
const behind = statement<{ written_by: string; part: number; records: string | null }>(
  'log chunks',
  `select l.written_by::text, l.part, case when l.written_by < pg_snapshot_xmin(pg_current_snapshot()) then l.records end as records
   from exosphere.log_chunk l where l.run = $1 and (l.written_by, l.part) > ($2::xid8, $3::int)
   order by l.written_by, l.part limit $4`,
);

export async function readLogChunks(session: Session, run: RunId, after: LogCursor | null, limit: number): Promise<LogChunks> {
  const place = readCursor(after);
  // a row of which only a part was used is read again, from there
  const used = place?.used ?? null;
  const part = place === null ? -1 : used === null ? place.part : place.part - 1;
  const rows = await session.query(behind, [run, place?.writtenBy ?? '0', part, limit]);
  const chunks: LogChunk[] = [];
  for (const row of rows) {
    if (row.records === null) return { chunks, waiting: true };
    const records = JSON.parse(row.records) as readonly LogRecord[]; // as they were written
    const again = used !== null && row.written_by === place?.writtenBy && row.part === place.part;
    chunks.push({
      cursor: writeCursor({ writtenBy: row.written_by, part: row.part, used: null }),
      records: again ? records.slice(used) : records,
    });
  }
  return { chunks, waiting: false };
}
