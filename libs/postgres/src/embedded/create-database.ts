import { Client, DatabaseError } from 'pg';
import type { EmbeddedConnection } from './connection-file.ts';

/** Makes the one database of a fresh server. */
export async function createDatabase(connection: EmbeddedConnection): Promise<void> {
  const client = new Client({ ...connection, database: 'postgres', connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query(`create database ${client.escapeIdentifier(connection.database)}`);
  } catch (error) {
    const exists = error instanceof DatabaseError && error.code === '42P04';
    if (!exists) throw error;
  } finally {
    await client.end();
  }
}
