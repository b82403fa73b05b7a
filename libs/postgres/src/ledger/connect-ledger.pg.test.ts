import type { TestDatabase } from '@exosphere/testkit';
import { createTestDatabase } from '@exosphere/testkit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectLedger } from './connect-ledger.ts';

describe('a ledger that cannot be opened', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const changed = (change: (url: URL) => void): string => {
    const url = new URL(database.url);
    change(url);
    return url.href;
  };
  const refusal = async (connectionString: string): Promise<Error> => {
    const error: unknown = await connectLedger({ connectionString }).then(() => null, (reason: unknown) => reason); // prettier-ignore
    if (!(error instanceof Error)) throw new TypeError('it could be opened');
    return error;
  };

  it('says so where the password is wrong, and does not show it', async () => {
    const error = await refusal(changed((url) => (url.password = 'wrong-secret')));
    expect(error).toMatchObject({ code: 'database-refused', retryable: false });
    expect(error.message).toContain('user or password');
    expect(error.message).not.toContain('wrong-secret');
  });

  it('says so where there is no such database', async () => {
    const error = await refusal(changed((url) => (url.pathname = '/nowhere')));
    expect(error).toMatchObject({ code: 'database-refused' });
    expect(error.message).toContain('/nowhere');
  });

  it('says so where the user may not make schemas', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const role = `limited_${database.name}`;
    await client.query(`create role ${role} login password 'x'`);
    const error = await refusal(changed((url) => ((url.username = role), (url.password = 'x'))));
    expect(error).toMatchObject({ code: 'database-refused', message: expect.stringContaining('Grant CREATE') });
    await client.query(`drop role ${role}`);
    await client.end();
  });

  it('may be tried again where nobody listens', async () => {
    const error = await refusal(changed((url) => (url.port = '1')));
    expect(error).toMatchObject({ code: 'database-unavailable', retryable: true });
  });

  it('is not opened after the signal', async () => {
    await expect(connectLedger({ connectionString: database.url, signal: AbortSignal.abort() })).rejects.toThrow('abort');
  });

  it('is opened by an ordinary user who owns the database', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const role = `owner_${database.name}`;
    await client.query(`create role ${role} login password 'x'`);
    await client.query(`alter database ${database.name} owner to ${role}`);
    const ledger = await connectLedger({ connectionString: changed((url) => ((url.username = role), (url.password = 'x'))) });
    expect(await ledger.listRuns({}, { after: null, limit: 1 })).toEqual({ items: [], next: null });
    await ledger.close();
    await client.query(`drop owned by ${role} cascade; alter database ${database.name} owner to current_user; drop role ${role}`);
    await client.end();
  });
});
