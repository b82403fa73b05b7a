import type { TestDatabase } from '@exosphere/testkit';
import { createTestDatabase } from '@exosphere/testkit';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectLedger } from '../ledger/connect-ledger.ts';
import { dumpSchema } from '../testing/dump-schema.ts';
import { migrate } from './migrate.ts';

describe('migrations', () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeEach(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  it('make the schema of schema.sql', async () => {
    await migrate(client);
    await expect(await dumpSchema(client)).toMatchFileSnapshot('../../schema.sql');
  });

  it('are applied once', async () => {
    expect((await migrate(client)).length).toBeGreaterThan(3);
    expect(await migrate(client)).toEqual([]);
  });

  it('are applied once by eight processes that start at the same time', async () => {
    const ledgers = await Promise.all(Array.from({ length: 8 }, () => connectLedger({ connectionString: database.url })));
    const { rows } = await client.query<{ n: string }>('select count(*) as n from exosphere.migration');
    expect(Number(rows[0]?.n)).toBeGreaterThan(3);
    await Promise.all(ledgers.map((ledger) => ledger.close()));
  });

  it('go on where an earlier attempt failed, which left nothing half-made (DAG-14)', async () => {
    await client.query('create schema exosphere; create table exosphere.rate_use ()');
    await expect(migrate(client)).rejects.toThrow('already exists');
    const { rows } = await client.query<{ name: string }>('select name from exosphere.migration order by name');
    await client.query('drop table exosphere.rate_use');
    const rest = await migrate(client);
    expect(rest[0]).toBe('0006-rates.sql');
    expect(rows.map((row) => row.name)).not.toContain(rest[0]);
  });

  it('refuse a database of other migrations', async () => {
    await migrate(client);
    await client.query(`update exosphere.migration set digest = 'sha256:other' where name like '0003%'`);
    await expect(migrate(client)).rejects.toMatchObject({ code: 'schema-changed', message: expect.stringContaining('0003-commit.sql') });
  });

  it('refuse a database of a newer version (DAG-14)', async () => {
    await migrate(client);
    await client.query(`insert into exosphere.migration (name, digest) values ('9999-later.sql', 'sha256:x')`);
    await expect(migrate(client)).rejects.toMatchObject({ code: 'schema-newer', retryable: false });
  });
});
