import { ExosphereError } from '@exosphere/model';
import { sqlState, toDatabaseError } from './database-error.ts';

/** Says what to do where a database cannot be opened. The password is not in the message. */
export function explainConnectError(error: unknown, connectionString: string): unknown {
  if (error instanceof ExosphereError) return error;
  const place = placeOf(connectionString);
  switch (sqlState(error)) {
    case '28P01':
    case '28000':
      return refused(`PostgreSQL at ${place} does not accept this user or password. Check DATABASE_URL.`, error);
    case '3D000':
      return refused(`There is no such database at ${place}. Create it (createdb), or check DATABASE_URL.`, error);
    case '42501':
      return refused(
        `The user at ${place} may not create the schemas 'exosphere' and 'exosphere_boss'. Grant CREATE on the database to it.`,
        error,
      );
    default:
      return toDatabaseError(error, false);
  }
}

function refused(message: string, cause: unknown): ExosphereError {
  return new ExosphereError('database-refused', message, { cause });
}

function placeOf(connectionString: string): string {
  if (!URL.canParse(connectionString)) return 'the given address';
  const { hostname, port, pathname, username } = new URL(connectionString);
  return `${username === '' ? '' : `${username}@`}${hostname}${port === '' ? '' : `:${port}`}${pathname}`;
}
