import { connectLedger } from '@exosphere/postgres';
import type { PostgresLedger } from '@exosphere/postgres';
import { quietReport } from './quiet-report.ts';
import type { Session } from './session.ts';
import { withDatabase } from './session.ts';
import { systemClock } from './system-clock.ts';

/** A ledger to ask and to command, without a worker. */
export interface LedgerInUse {
  readonly ledger: PostgresLedger;
  readonly databaseUrl: string;
}

/** Has a ledger for as long as the work goes on. */
export async function withLedger<T>(session: Session, work: (use: LedgerInUse) => Promise<T>): Promise<T> {
  return withDatabase(session, async ({ url }) => {
    const report = quietReport(systemClock.now, (text) => session.progress.note(text));
    const ledger = await connectLedger({
      connectionString: url,
      applicationName: 'exo',
      commitConnections: 1,
      readConnections: 2,
      onWarning: ({ message, cause }) => report.warn(message, { error: cause }),
      signal: session.signal,
    });
    try {
      return await work({ ledger, databaseUrl: url });
    } finally {
      await ledger.close();
    }
  });
}
