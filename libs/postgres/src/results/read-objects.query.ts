import type { Json, Path, RunId } from '@exosphere/model';
import type { ChunkRow } from '@exosphere/ports';
import { pathText } from '../commit/row-columns.ts';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';

/** Names the list of one execution. */
export interface ListOf {
  readonly run: RunId;
  readonly step: number;
  readonly path: Path;
  readonly origin: number;
  /** Null: the highest there is. */
  readonly keyRound: number | null;
}

interface ChunkRecord extends Record<string, unknown> {
  readonly run: RunId;
  readonly step: number;
  readonly path: Path;
  readonly origin: number;
  readonly key_round: number;
  readonly first: number;
  readonly count: number;
  readonly objects: string;
}

const ofOne = `c.run = $1 and c.step = $2 and c.path = $3::int[] and c.origin = $4 and c.key_round = coalesce($5::int, (
  select max(d.key_round) from exosphere.item_chunk d where d.run = $1 and d.step = $2 and d.path = $3::int[] and d.origin = $4))`;

const part = statement<ChunkRecord>(
  'objects',
  `select * from exosphere.item_chunk c where ${ofOne} and c.first < $6::int + $7::int and c.first + c.count > $6::int order by c.first`,
);

const single = statement<{ output: string | null }>(
  'object of one',
  `select output from exosphere.execution e
   where e.run = $1 and e.step = $2 and e.path = $3::int[] and e.origin = $4 and ($5::int is null or e.key_round = $5)
   order by e.key_round desc limit 1`,
);

/** Objects `from` … of one execution's list; the one object of an execution that keeps it in its row. */
export async function readObjects(
  session: Session,
  list: ListOf & { readonly from: number; readonly count: number },
): Promise<readonly Json[]> {
  const key = [list.run, list.step, pathText(list.path), list.origin, list.keyRound];
  const rows = await session.query(part, [...key, list.from, list.count]);
  if (rows.length === 0 && list.from === 0 && list.count > 0) {
    const [one] = await session.query(single, key);
    return one === undefined || one.output === null ? [] : [JSON.parse(one.output) as Json]; // JSON text, as it was written
  }
  return rows.flatMap((row) => {
    const objects = JSON.parse(row.objects) as readonly Json[]; // a list, as it was written
    return objects.slice(Math.max(0, list.from - row.first), list.from + list.count - row.first);
  });
}

const page = statement<ChunkRecord>(
  'chunks',
  `select * from exosphere.item_chunk c where ${ofOne} and c.first >= $6::int order by c.first limit 8`,
);

/** The chunks of one execution's list, in order, a few at a time. */
export async function* readChunks(session: Session, list: ListOf): AsyncGenerator<ChunkRow> {
  const key = [list.run, list.step, pathText(list.path), list.origin, list.keyRound];
  let from = 0;
  for (;;) {
    const rows = await session.query(page, [...key, from]);
    for (const { run, step, path, origin, key_round: keyRound, first, count, objects } of rows) {
      yield { run, step, path, origin, keyRound, from: first, count, objects };
      from = first + count;
    }
    if (rows.length < 8) return;
  }
}
