import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';

export interface Rate {
  readonly cluster: string;
  readonly step: string;
  readonly key: string;
  readonly limit: number;
  readonly perMs: number;
  readonly want: number;
}

const take = statement<{ granted: number; next_at: number }>('take rate', 'select * from exosphere.take_rate($1, $2, $3, $4, $5, $6)');

/** Starts that a rate limit grants now, and when to ask again for more. */
export async function takeRate(session: Session, rate: Rate): Promise<{ readonly granted: number; readonly nextAt: number }> {
  const [row] = await session.query(take, [rate.cluster, rate.step, rate.key, rate.limit, `${rate.perMs} milliseconds`, rate.want]);
  return { granted: row?.granted ?? 0, nextAt: row?.next_at ?? 0 };
}
