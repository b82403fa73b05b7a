import type { DatabaseHome } from './database-home.ts';
import { passwordFile } from './database-home.ts';
import { EmbeddedDatabaseError, useOwnDatabase } from './embedded-database-error.ts';
import { serverLogTail } from './server-log.ts';

export function damaged(home: DatabaseHome): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError({
    code: 'embedded-damaged',
    found: `${home.dataDirectory} is not empty and holds no database (PG_VERSION is missing)`,
    advice: `Put a backup in its place, or move that folder away to begin with an empty database. ${useOwnDatabase}`,
  });
}

export function vanished(home: DatabaseHome): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError({
    code: 'embedded-damaged',
    found: `The data of the embedded database are gone: ${home.dataDirectory} was removed while it was in use`,
    advice: 'Put that folder back, or start Exosphere again to begin with an empty database.',
  });
}

export function wrongVersion(home: DatabaseHome, found: string, expected: string): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError({
    code: 'embedded-wrong-version',
    found: `The data in ${home.dataDirectory} are of PostgreSQL ${found}, and this release brings PostgreSQL ${expected}`,
    advice: `Go on with the release that made them and dump them with pg_dump, or move them away to begin anew. ${useOwnDatabase}`,
  });
}

export function wrongPassword(home: DatabaseHome, cause: unknown): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError({
    code: 'embedded-damaged',
    found: `The embedded database refuses the password in ${passwordFile(home.dataDirectory)}`,
    advice: `The file or the password of the role "exosphere" was changed: make them the same again. ${useOwnDatabase}`,
    cause,
  });
}

export function tooManyConnections(pid: number, cause: unknown): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError({
    code: 'embedded-not-answering',
    found: `All connections of the embedded database are in use (process ${pid})`,
    advice: `End one of the programs that use it, then try again. ${useOwnDatabase}`,
    retryable: true,
    cause,
  });
}

export function notAnswering(home: DatabaseHome, pid: number): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError({
    code: 'embedded-not-answering',
    found: `The embedded database runs (process ${pid}) but does not answer`,
    advice: `Try again in a minute. If that does not help, end process ${pid}: nothing that was committed is lost.`,
    retryable: true,
    log: serverLogTail(home),
  });
}

export function endedAgain(home: DatabaseHome): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError({
    code: 'embedded-start-failed',
    found: `The embedded database was started three times and ended each time (${home.dataDirectory})`,
    advice: `The log says why. ${useOwnDatabase}`,
    retryable: true,
    log: serverLogTail(home),
  });
}

export function portTaken(port: number): EmbeddedDatabaseError {
  return new EmbeddedDatabaseError({
    code: 'embedded-port-taken',
    found: `The embedded database ended, and another program took its port ${port} meanwhile`,
    advice: 'End that program, or start Exosphere again: it takes another port then.',
    retryable: true,
  });
}
