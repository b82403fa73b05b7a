import { ExosphereError } from '@exosphere/model';

function codeOf(cause: unknown): unknown {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;
}

/** Tells a file that is not there from other failures of the file system. */
export function isMissing(cause: unknown): boolean {
  return codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR';
}

/** Tells a file that is there already from other failures. */
export function isPresent(cause: unknown): boolean {
  return codeOf(cause) === 'EEXIST';
}

/** A failure of the file system (full, read-only, gone) as one that may pass; what is none of the file system stays as it is. */
export function asBlobFailure(cause: unknown, doing: string): unknown {
  if (typeof codeOf(cause) !== 'string' || cause instanceof ExosphereError || (cause instanceof Error && cause.name === 'AbortError')) {
    return cause;
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ExosphereError('blob-store-unavailable', `The blob store could not ${doing}: ${why}.`, { cause, retryable: true });
}

export function missingBlob(project: string, digest: string): ExosphereError {
  return new ExosphereError('blob-missing', `Project '${project}' has no file ${digest}.`);
}
