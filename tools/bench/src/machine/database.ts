import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TemporaryServer } from '@exosphere/postgres';
import { startTemporaryServer } from '@exosphere/postgres';
import pg from 'pg';

/** What decides how much a commit costs. */
export interface DatabaseFacts {
  readonly version: string;
  readonly fsync: string;
  readonly synchronousCommit: string;
  readonly fullPageWrites: string;
  readonly sharedBuffers: string;
}

/** One server, with a database of its own for each contender. */
export interface BenchDatabase {
  readonly facts: DatabaseFacts;
  /** Of the server's first process. */
  readonly pid: number;
  create(name: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startDatabase(): Promise<BenchDatabase> {
  const server = await startTemporaryServer({ durable: true });
  const pool = new pg.Pool({ connectionString: server.url, max: 1 });
  // it ends with the server, whose last words are an error
  pool.on('error', () => undefined);
  const facts = await readFacts(pool);
  if (facts.fsync !== 'on' || facts.synchronousCommit !== 'on')
    throw new TypeError('the server does not keep its commits: figures would mean nothing');
  return {
    facts,
    pid: await readPid(server),
    create: async (name) => {
      await pool.query(`create database ${name}`);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      return url.href;
    },
    stop: async () => {
      await pool.end();
      await server.stop();
    },
  };
}

async function readFacts(pool: pg.Pool): Promise<DatabaseFacts> {
  const { rows } = await pool.query<DatabaseFacts>(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as "synchronousCommit", current_setting('full_page_writes') as "fullPageWrites",
       current_setting('shared_buffers') as "sharedBuffers"`,
  );
  const [facts] = rows;
  if (facts === undefined) throw new TypeError('the server does not tell its settings');
  return facts;
}

async function readPid({ dataDirectory }: TemporaryServer): Promise<number> {
  const [pid = ''] = (await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8')).split('\n');
  return Number(pid);
}
