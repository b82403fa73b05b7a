import type { Json } from '@exosphere/model';
import type { ListLimits, ListScope } from '@exosphere/ports';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';
import { rangeBelow } from './path-range.ts';

/** $1 run, $2 step, $3 … $4 paths, $5 up to which round. */
const inScope = `e.run = $1 and e.step = $2 and e.path >= $3::int[] and e.path < $4::int[]
  and ($5::int is null or e.round <= $5) and e.status = 'completed'`;

const size = statement<{ objects: number; bytes: number }>(
  'size of list',
  `select coalesce(sum(count), 0)::float8 as objects, coalesce(sum(bytes), 0)::float8 as bytes from (
     select 1 as count, octet_length(e.output) as bytes from exosphere.execution e where ${inScope} and e.output is not null
     union all
     select c.count, octet_length(c.objects) from exosphere.execution e join exosphere.item_chunk c
       on c.run = $1 and c.step = $2 and c.path = e.path and c.origin = e.origin and c.key_round = e.key_round
     where ${inScope} and e.output is null and e.objects > 0
   ) p`,
);

export type ListAnswer =
  | { readonly kind: 'list'; readonly objects: readonly Json[] }
  | { readonly kind: 'too-large'; readonly objects: number; readonly bytes: number };

/** The list as a value, unless it is too large to be one. */
export async function readList(session: Session, of: ListScope, limits: ListLimits): Promise<ListAnswer> {
  const [found] = await session.query(size, scopeValues(of));
  const { objects, bytes } = found ?? { objects: 0, bytes: 0 };
  if (objects > limits.objects || bytes > limits.bytes) return { kind: 'too-large', objects, bytes };
  const list: Json[] = [];
  for await (const some of streamList(session, of)) for (const object of some) list.push(object);
  return { kind: 'list', objects: list };
}

interface PartRecord extends Record<string, unknown> {
  readonly path: string;
  readonly origin: number;
  readonly key_round: number;
  readonly first: number;
  readonly objects: string;
}

const pageRows = 1_000;
const pageBytes = 4_194_304;

/**
 * After path $3, origin $6, key round $7 and chunk $8: what so many executions hold, but (for the first part) no more than so many bytes. Sizes are known
 * without reading the texts. $3 moves along with $6, so that each page starts where the one before ended.
 */
const page = statement<PartRecord>(
  'page of list',
  `with executions as (
     select e.path, e.origin, e.key_round, e.output from exosphere.execution e
     where ${inScope} and (e.output is not null or e.objects > 0)
       and ($6::int is null or (e.path, e.origin, e.key_round) >= ($3::int[], $6::int, $7::int))
     order by e.path, e.origin, e.key_round limit ${pageRows}
   ), parts as (
     select path, origin, key_round, -1 as first, '[' || output || ']' as objects, octet_length(output) as bytes from executions
     where output is not null
     union all
     select c.path, c.origin, c.key_round, c.first, c.objects, octet_length(c.objects)
     from executions x join exosphere.item_chunk c
       on c.run = $1 and c.step = $2 and c.path = x.path and c.origin = x.origin and c.key_round = x.key_round
     where x.output is null
   )
   select path::text, origin, key_round, first, objects from (
     select *, sum(bytes) over (order by path, origin, key_round, first) - bytes as before from parts
     where $6::int is null or (path, origin, key_round, first) > ($3::int[], $6::int, $7::int, $8::int)
   ) p where before < ${pageBytes} order by p.path, p.origin, p.key_round, p.first`,
);

/** The objects of completed executions below a scope, in item order, a few MiB at a time. */
export async function* streamList(session: Session, of: ListScope): AsyncGenerator<readonly Json[]> {
  const [start, end] = rangeBelow(of.scope);
  let from = start;
  let after: readonly (number | null)[] = [null, null, null];
  for (;;) {
    const rows = await session.query(page, [of.run, of.step, from, end, of.upToRound, ...after]);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.flatMap((row) => JSON.parse(row.objects) as readonly Json[]); // lists, as they were written
    from = last.path;
    after = [last.origin, last.key_round, last.first];
  }
}

function scopeValues(of: ListScope): readonly unknown[] {
  const [from, to] = rangeBelow(of.scope);
  return [of.run, of.step, from, to, of.upToRound];
}
