import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { ExosphereError } from '@exosphere/model';

/** One line that the engine says while it pulls or builds. */
export interface EngineProgress {
  readonly status?: string;
  readonly id?: string;
  readonly stream?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly aux?: { readonly ID?: string };
  readonly error?: string;
}

/** Nothing for so long, and the connection counts as dead. */
const silenceMs = 5 * 60_000;

/**
 * Reads what the engine says until it has done. The answer begins before the work does: a failure is a line in it.
 *
 * @throws ExosphereError `image-unavailable` with what the engine said; the signal's reason
 */
export async function followProgress(
  stream: Readable,
  { what, onLine, signal }: { readonly what: string; readonly onLine: (line: EngineProgress) => void; readonly signal: AbortSignal },
): Promise<void> {
  let timer = setTimeout(() => undefined, 0);
  const listen = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stream.destroy(new RangeError(`nothing came for ${silenceMs / 60_000} minutes`)), silenceMs);
  };
  const stop = (): void => void stream.destroy(signal.reason as Error); // an AbortError
  signal.addEventListener('abort', stop, { once: true });
  try {
    listen();
    for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) {
      listen();
      const line = progressOf(text);
      if (line?.error !== undefined)
        throw new ExosphereError('image-unavailable', `The engine could not ${what}: ${line.error.trim()}`, {
          retryable: isPassing(line.error),
        });
      if (line !== null) onLine(line);
    }
    signal.throwIfAborted();
    if (!stream.readableEnded) throw new RangeError('the connection broke off');
  } catch (cause) {
    if (signal.aborted || cause instanceof ExosphereError) throw cause;
    throw new ExosphereError(
      'image-unavailable',
      `The engine could not ${what}: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause, retryable: true },
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

function progressOf(text: string): EngineProgress | null {
  try {
    return JSON.parse(text) as EngineProgress; // the engine's own format; every field may be missing
  } catch {
    return null; // a blank line
  }
}

/** What will not be there at the next try either. */
function isPassing(error: string): boolean {
  return !/not found|manifest unknown|does not exist|denied|unauthorized|no basic auth|digest|returned a non-zero code|Dockerfile|dockerfile/i.test(
    error,
  );
}
