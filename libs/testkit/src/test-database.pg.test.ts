import { Client } from 'pg';
import { expect, test } from 'vitest';
import { createTestDatabase } from './test-database.ts';

test('a test database is empty, apart from others, and gone after drop', async () => {
  await using first = await createTestDatabase();
  const second = await createTestDatabase();
  await query(first.url, 'create table seen (n int)');
  expect(await query(second.url, `select to_regclass('seen') as found`)).toEqual([{ found: null }]);
  await second.drop();
  await expect(query(second.url, 'select 1')).rejects.toMatchObject({ code: '3D000' });
});

test('a test database can be a copy of another one', async () => {
  await using template = await createTestDatabase();
  await query(template.url, 'create table seen as select 7 as n');
  await using copy = await createTestDatabase({ template: template.name });
  expect(await query(copy.url, 'select n from seen')).toEqual([{ n: 7 }]);
});

test('a test database is dropped though somebody is connected', async () => {
  const database = await createTestDatabase();
  const client = new Client({ connectionString: database.url });
  const cut = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  await database.drop();
  await expect(cut).resolves.toMatchObject({ code: '57P01' });
});

async function query(connectionString: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return rows;
  } finally {
    await client.end();
  }
}
