import type { LogRecord, RunId } from '@exosphere/model';
import { isAtLeast } from '@exosphere/model';
import type { LogCursor, LogFilter, LogPage } from '@exosphere/ports';
import type { Session } from '../database/statement.ts';
import { readCursor, writeCursor } from '../logs/log-cursor.ts';
import { readLogChunks } from '../logs/read-log-chunks.query.ts';

const chunksAtOnce = 50;
/** So many rows at most are looked through for one page. */
const mostReads = 10;

/** Records that pass the filter, in their order. */
export async function readLogs(
  session: Session,
  run: RunId,
  filter: LogFilter,
  page: { readonly after: LogCursor | null; readonly limit: number },
): Promise<LogPage> {
  const found: LogRecord[] = [];
  let last = page.after;
  for (let read = 0; read < mostReads; read += 1) {
    const { chunks, waiting } = await readLogChunks(session, run, last, chunksAtOnce);
    for (const chunk of chunks) {
      const before = usedBefore(last, chunk.cursor);
      for (const [i, record] of chunk.records.entries()) {
        if (!passes(record, filter)) continue;
        found.push(record);
        if (found.length < page.limit) continue;
        const next = placeIn(chunk.cursor, before + i + 1);
        return { records: found, next, last: next, waiting };
      }
      last = chunk.cursor;
    }
    if (chunks.length < chunksAtOnce) return { records: found, next: null, last, waiting };
  }
  return { records: found, next: last, last, waiting: false };
}

/** How many records of that row were used by the page before. */
function usedBefore(last: LogCursor | null, cursor: LogCursor): number {
  const place = readCursor(last);
  const row = readCursor(cursor);
  return place !== null && place.writtenBy === row?.writtenBy && place.part === row.part ? (place.used ?? 0) : 0;
}

function placeIn(cursor: LogCursor, used: number): LogCursor {
  const place = readCursor(cursor);
  return place === null ? cursor : writeCursor({ ...place, used });
}

function passes(record: LogRecord, filter: LogFilter): boolean {
  if (filter.step !== undefined && record.step !== filter.step) return false;
  if (filter.execution !== undefined && record.execution !== filter.execution) return false;
  return filter.leastLevel === undefined || isAtLeast(record.level, filter.leastLevel);
}
