import type { RunId } from '@exosphere/model';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';

/** Makes the partitions of days, once for each day. */
export interface Partitions {
  /** Of the day on which the run was accepted, as its id has it. */
  ensureFor(run: RunId): Promise<void>;
  /** Of today and tomorrow, by the clock of the database. */
  ensureAhead(): Promise<void>;
}

const dayMs = 86_400_000;
const make = statement<Record<string, unknown>>('make partitions', `select exosphere.make_partitions(date '1970-01-01' + $1::int)`);
const makeAhead = statement<{ day: number }>(
  'make partitions ahead',
  `select n as day, exosphere.make_partitions(date '1970-01-01' + n)
   from generate_series((now()::date - date '1970-01-01'), (now()::date - date '1970-01-01') + 1) as n`,
);

export function partitionsOf(session: Session): Partitions {
  const made = new Set<number>();
  return {
    ensureFor: async (run) => {
      const day = dayOf(run);
      if (made.has(day)) return;
      await session.query(make, [day]);
      made.add(day);
    },
    ensureAhead: async () => {
      for (const { day } of await session.query(makeAhead, [])) made.add(day);
    },
  };
}

/** Days since 1970. */
export function dayOf(run: RunId): number {
  return Math.floor(Number.parseInt(run.replaceAll('-', '').slice(0, 12), 16) / dayMs);
}
