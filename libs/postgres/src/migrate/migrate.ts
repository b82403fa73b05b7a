import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { ExosphereError } from '@exosphere/model';
import type { ClientBase } from 'pg';

interface Migration {
  readonly name: string;
  readonly text: string;
  readonly digest: string;
}

const folder = new URL('../migrations/', import.meta.url);

/**
 * Brings the schema `exosphere` up to date: forward only, each migration in a transaction of its own, one process at a time.
 *
 * Fails with `schema-changed` where an applied migration is not the one we have (its file was edited, or another build was here),
 * and with `schema-newer` where the database has migrations that we do not know.
 */
export async function migrate(client: ClientBase): Promise<readonly string[]> {
  const migrations = await readMigrations();
  if (await isCurrent(client, migrations)) return [];
  await client.query(`select pg_advisory_lock(hashtextextended('exosphere migrations', 0))`);
  try {
    await client.query('create schema if not exists exosphere');
    await client.query(
      'create table if not exists exosphere.migration (name text primary key, digest text not null, applied_at timestamptz not null default now())',
    );
    return await applyMissing(client, migrations);
  } finally {
    await client.query(`select pg_advisory_unlock(hashtextextended('exosphere migrations', 0))`);
  }
}

async function isCurrent(client: ClientBase, migrations: readonly Migration[]): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass('exosphere.migration') is not null as there`);
  if (rows[0]?.there !== true) return false;
  return missing(migrations, await appliedTo(client)).length === 0;
}

async function applyMissing(client: ClientBase, migrations: readonly Migration[]): Promise<readonly string[]> {
  const applied: string[] = [];
  for (const migration of missing(migrations, await appliedTo(client))) {
    await client.query('begin');
    try {
      await client.query(migration.text);
      await client.query('insert into exosphere.migration (name, digest) values ($1, $2)', [migration.name, migration.digest]);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
    applied.push(migration.name);
  }
  return applied;
}

async function appliedTo(client: ClientBase): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; digest: string }>('select name, digest from exosphere.migration');
  return new Map(rows.map((row) => [row.name, row.digest]));
}

function missing(migrations: readonly Migration[], applied: ReadonlyMap<string, string>): readonly Migration[] {
  const known = new Set(migrations.map((migration) => migration.name));
  const strange = [...applied.keys()].filter((name) => !known.has(name));
  if (strange.length > 0) {
    throw new ExosphereError(
      'schema-newer',
      `The database was made by a newer version: it has ${strange.join(', ')}. Use that version, or another database.`,
    );
  }
  const changed = migrations.filter(({ name, digest }) => (applied.get(name) ?? digest) !== digest);
  if (changed.length > 0) {
    const names = changed.map((migration) => migration.name).join(', ');
    throw new ExosphereError(
      'schema-changed',
      `The database was made by other migrations than these: ${names}. Use the version that made it, or another database.`,
    );
  }
  return migrations.filter((migration) => !applied.has(migration.name));
}

async function readMigrations(): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), 'utf8');
      return { name, text, digest: `sha256:${createHash('sha256').update(text).digest('hex')}` };
    }),
  );
}
