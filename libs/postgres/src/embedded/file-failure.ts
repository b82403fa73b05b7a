import { EmbeddedDatabaseError, useOwnDatabase } from './embedded-database-error.ts';

/** The code of a failed system call: `ENOENT`. Null for anything else. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Runs file operations on the database's folders; a failed system call becomes an error that says what to do. */
export async function onFiles<T>(doing: string, place: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw fileFailure(doing, place, error);
  }
}

function fileFailure(doing: string, place: string, cause: unknown): unknown {
  const code = systemCode(cause);
  if (code === null || cause instanceof EmbeddedDatabaseError) return cause;
  const found = `Cannot ${doing} ${place} (${code === 'ERR_SQLITE_ERROR' && cause instanceof Error ? cause.message : code})`;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new EmbeddedDatabaseError({
        code: 'embedded-disk-full',
        found,
        advice: `Make room on that disk: the embedded database needs about 200 MB and what your runs keep. ${useOwnDatabase}`,
        retryable: true,
        cause,
      });
    default:
      return new EmbeddedDatabaseError({
        code: 'embedded-folder-unusable',
        found,
        advice: `It must be a folder that this user may write and that allows programs and locks. ${folderAdvice(code)}${useOwnDatabase}`,
        cause,
      });
  }
}

function folderAdvice(code: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'If another user (root?) made it, give it to this user or remove it. ';
    case 'EROFS':
      return 'The file system is mounted read-only. ';
    default:
      return '';
  }
}
