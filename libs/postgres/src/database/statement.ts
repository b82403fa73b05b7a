import type { QueryResultRow } from 'pg';

/** One SQL text under a name: prepared once per connection. `Row` is what it answers with. */
export interface Statement<Row extends QueryResultRow> {
  readonly name: string;
  readonly text: string;
  /** Exists in types only. */
  readonly row?: Row;
}

export function statement<Row extends QueryResultRow>(name: string, text: string): Statement<Row> {
  return { name, text };
}

/** Where statements are sent: a pool, or the connection of a transaction. */
export interface Session {
  query<Row extends QueryResultRow>(statement: Statement<Row>, values: readonly unknown[]): Promise<readonly Row[]>;
}
