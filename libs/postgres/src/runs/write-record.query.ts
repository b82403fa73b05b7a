import type { LogRecord, RunId } from '@exosphere/model';
import type { Session } from '../database/statement.ts';
import { statement } from '../database/statement.ts';

const add = statement<Record<string, unknown>>('add record', 'select exosphere.add_record($1, $2)');

/** Adds a record to the log of a run, in a transaction that adds no other. */
export async function writeRecord(session: Session, record: LogRecord, run: RunId): Promise<void> {
  await session.query(add, [run, JSON.stringify(record)]);
}
