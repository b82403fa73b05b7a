import type { ExecutionKey, RunId } from '@exosphere/model';
import type { ExecutionRow, ExecutionsAt, ListScope } from '@exosphere/ports';
import { pathText } from '../commit/row-columns.ts';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';
import { textArray } from '../sql/binary-array.ts';
import type { ExecutionRecord } from './execution-row.ts';
import { executionColumns, executionRow } from './execution-row.ts';
import { rangeBelow } from './path-range.ts';

const at = statement<ExecutionRecord>(
  'executions at',
  `select ${executionColumns} from unnest($5::text[]) with ordinality as u (path, n), lateral (
     select * from exosphere.execution e
     where e.run = $1 and e.step = $2 and e.path = u.path::int[] and e.origin = $3 and ($4::int is null or e.key_round = $4)
     order by e.key_round desc limit 1
   ) e order by u.n`,
);

/** Those that have ended, in the order of the paths. */
export async function readExecutions(session: Session, of: ExecutionsAt): Promise<readonly ExecutionRow[]> {
  if (of.paths.length === 0) return [];
  const rows = await session.query(at, [of.run, of.step, of.origin, of.keyRound, textArray(of.paths.map(pathText))]);
  return rows.map(executionRow);
}

const lastAttempts = statement<{ last: number }>(
  'last attempts',
  `select coalesce((
     select max(a.attempt) from exosphere.attempt a
     where a.run = $1 and a.step = $2 and a.path = u.path::int[] and a.origin = $3
       and a.key_round = coalesce($4::int, (select max(b.key_round) from exosphere.attempt b
         where b.run = $1 and b.step = $2 and b.path = u.path::int[] and b.origin = $3))
   ), 0) as last
   from unnest($5::text[]) with ordinality as u (path, n) order by u.n`,
);

export async function readLastAttempts(session: Session, of: ExecutionsAt): Promise<readonly number[]> {
  const rows = await session.query(lastAttempts, [of.run, of.step, of.origin, of.keyRound, textArray(of.paths.map(pathText))]);
  return rows.map((row) => row.last);
}

const below = statement<ExecutionRecord>(
  'executions below',
  `select ${executionColumns} from exosphere.execution e
   where e.run = $1 and e.step = $2 and e.path >= $3::int[] and e.path < $4::int[] and ($5::int is null or e.round <= $5)
   order by e.path, e.origin, e.key_round`,
);

/** All of a step below a scope, in item order. */
export async function readExecutionsBelow(session: Session, of: ListScope): Promise<readonly ExecutionRow[]> {
  const [from, to] = rangeBelow(of.scope);
  const rows = await session.query(below, [of.run, of.step, from, to, of.upToRound]);
  return rows.map(executionRow);
}

const which = {
  failed: `e.status = 'failed'`,
  cancelled: `e.status = 'cancelled'`,
  dead: `e.branch <> 'live'`,
} as const;

type Which = keyof typeof which;

/** The first condition is that of the index `execution_not_well`. A page that continues is a text of its own: its plan starts there. */
const endedStatement = (name: Which, page: 'first' | 'next'): ReturnType<typeof statement<ExecutionRecord>> =>
  statement<ExecutionRecord>(
    `ended ${name} ${page}`,
    `select ${executionColumns} from exosphere.execution e
     where e.run = $1 and (e.status in ('failed', 'cancelled') or e.branch <> 'live') and ${which[name]}
       ${page === 'first' ? '' : 'and (e.step, e.path, e.origin, e.key_round) > ($3::int, $4::int[], $5::int, $6::int)'}
     order by e.step, e.path, e.origin, e.key_round limit $2`,
  );

const first = {
  failed: endedStatement('failed', 'first'),
  cancelled: endedStatement('cancelled', 'first'),
  dead: endedStatement('dead', 'first'),
};
const next = {
  failed: endedStatement('failed', 'next'),
  cancelled: endedStatement('cancelled', 'next'),
  dead: endedStatement('dead', 'next'),
};

export interface EndedOptions {
  readonly after: ExecutionKey | null;
  readonly limit: number;
  readonly which: Which;
}

/** Pages of executions that a retry looks at, in the order of their keys. */
export async function readEnded(
  session: Session,
  run: RunId,
  { after, limit, which: kind }: EndedOptions,
): Promise<readonly ExecutionRow[]> {
  const rows =
    after === null
      ? await session.query(first[kind], [run, limit])
      : await session.query(next[kind], [run, limit, after.step, pathText(after.path), after.origin, after.round]);
  return rows.map(executionRow);
}
