import { ExosphereError } from '@exosphere/model';

/** The disk does not do what it should: may pass. What is no failure of the file system stays as it is. */
export function asVaultFailure(cause: unknown, doing: string): unknown {
  if (cause instanceof ExosphereError || systemCodeOf(cause) === null) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ExosphereError('vault-unavailable', `The vault could not ${doing}: ${why}.`, { cause, retryable: true });
}

/** `ENOENT` and the like; null: no failure of the file system. */
export function systemCodeOf(cause: unknown): string | null {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && cause.code.startsWith('E') ? cause.code : null;
}

/** The file is there, but it was changed, cut off, or sealed with another key. */
export function damaged(what: string, path: string, cause?: unknown): ExosphereError {
  return new ExosphereError(
    'vault-damaged',
    `${what} in '${path}' cannot be opened: the file was changed, or sealed with another key. Set the secret anew.`,
    {
      cause,
    },
  );
}
