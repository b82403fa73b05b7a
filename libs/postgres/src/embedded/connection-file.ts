import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { DatabaseHome } from './database-home.ts';
import { onFiles } from './file-failure.ts';

/** How to reach the embedded database, as `pg` takes it. */
export interface EmbeddedConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Said outright, so that a PGSSLMODE in the environment changes nothing. */
  readonly ssl: false;
}

export interface PublishedConnection extends EmbeddedConnection {
  readonly url: string;
  /** The project's folder, as it was called when this was written. */
  readonly folder: string;
  readonly dataDirectory: string;
  readonly version: string;
  readonly pid: number;
}

/** The one user and database of an embedded server. */
export function embeddedConnection(port: number, password: string): EmbeddedConnection {
  return { host: '127.0.0.1', port, user: 'exosphere', password, database: 'exosphere', ssl: false };
}

export function connectionUrl({ user, password, host, port, database }: EmbeddedConnection): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}?sslmode=disable`;
}

/** Writes `.exosphere/db.json` for other programs (psql, a backup), whole or not at all. */
export async function publishConnection(home: DatabaseHome, connection: PublishedConnection): Promise<void> {
  await onFiles('write', home.connectionFile, async () => {
    const draft = `${home.connectionFile}.${process.pid}`;
    try {
      await writeFile(draft, `${JSON.stringify(connection, null, 2)}\n`, { mode: 0o600 });
      await rename(draft, home.connectionFile);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  });
}

/** What the file said last. Null where it is lost or spoilt: that costs the port, and data that were moved as root. */
export async function lastConnection(home: DatabaseHome): Promise<Partial<PublishedConnection> | null> {
  try {
    const saved: unknown = JSON.parse(await readFile(home.connectionFile, 'utf8'));
    return typeof saved === 'object' ? saved : null;
  } catch {
    return null;
  }
}

/** The port that the server had last, if the file can still tell. */
export async function lastPort(home: DatabaseHome): Promise<number | null> {
  const port: unknown = (await lastConnection(home))?.port;
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
}
