import type { FailureOptions } from '@exosphere/satellite';
import { SatelliteFailure } from '@exosphere/satellite';
import type { Code, Scope } from './compile.ts';

/**
 * Runs the code. What it throws is `script-failed`, not retryable, since the same code does the same again; `fail(message, options)`
 * chooses code and retryable itself.
 */
export async function runCode(code: Code, scope: Omit<Scope, 'fail'>): Promise<unknown> {
  try {
    return await code({ ...scope, fail });
  } catch (cause) {
    if (cause instanceof SatelliteFailure) throw cause;
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new SatelliteFailure(`The code failed with ${why}`, { code: 'script-failed', retryable: false, cause });
  }
}

function fail(message: string, options: FailureOptions = {}): never {
  throw new SatelliteFailure(message, { code: 'script-failed', retryable: false, ...options });
}
