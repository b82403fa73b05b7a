import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';

const claim = statement<{ name: string }>(
  'claim chore',
  `insert into exosphere.chore as c (name, done_at) values ($1, now())
   on conflict (name) do update set done_at = now() where c.done_at < now() - $2::interval
   returning name`,
);

/** Whether this process is the one to do it now: nobody has within the last `everyMs`. */
export async function claimChore(session: Session, name: string, everyMs: number): Promise<boolean> {
  const rows = await session.query(claim, [name, `${everyMs} milliseconds`]);
  return rows.length > 0;
}
