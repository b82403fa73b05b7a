import type { LedgerUnderTest } from '@exosphere/testkit/ledger-contract';
import type { TestDatabase } from '@exosphere/testkit';
import { createTestDatabase } from '@exosphere/testkit';
import pg from 'pg';
import { connectLedger } from '../ledger/connect-ledger.ts';
import type { ConnectOptions } from '../ledger/connect-ledger.ts';
import type { PostgresLedger } from '../ledger/postgres-ledger.ts';

/** A ledger on a database of its own, with a connection to look behind it. */
export interface TestLedger extends LedgerUnderTest {
  readonly ledger: PostgresLedger;
  readonly url: string;
  readonly client: pg.Client;
  /** Of everything that went wrong without harm. */
  readonly warnings: readonly string[];
}

/** Lets time pass by moving all times that are to come, and the deadlines, back. */
const passTime = `
  update exosphere.shard set lease_until = lease_until - $1::interval, due_at = due_at - $1::interval, look_at = look_at - $1::interval;
  update exosphere.log_forwarding set lease_until = lease_until - $1::interval;
  update exosphere.run set deadline = deadline - $1::interval;
  update exosphere.rate_use set expires_at = expires_at - $1::interval;`;

let template: Promise<TestDatabase> | null = null;

/** A database that is migrated already: copying it is ten times as fast. */
async function migratedDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  const ledger = await connectLedger({ connectionString: database.url });
  await ledger.close();
  return database;
}

export async function openTestLedger(options: Partial<ConnectOptions> = {}): Promise<TestLedger> {
  template ??= migratedDatabase();
  const database = await createTestDatabase({ template: (await template).name });
  const warnings: string[] = [];
  const onWarning: ConnectOptions['onWarning'] = ({ message, cause }) => warnings.push(`${message}: ${String(cause)}`);
  const ledger = await connectLedger({ connectionString: database.url, onWarning, ...options });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return {
    ...{ ledger, client, url: database.url, warnings },
    pass: async (ms) => {
      for (const text of passTime.split(';').filter((part) => part.trim() !== '')) await client.query(text, [`${ms} milliseconds`]);
    },
    addBlob: async (project, digest) => {
      await client.query('insert into exosphere.blob (project, digest, size) values ($1, $2, 1)', [project, digest]);
    },
    close: async () => {
      await client.end();
      await ledger.close();
      await database.drop();
    },
  };
}
