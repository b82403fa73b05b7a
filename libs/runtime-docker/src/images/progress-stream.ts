import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
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

export interface FollowOptions {
  /** `pull the image 'busybox'`, for messages. */
  readonly what: string;
  readonly onLine: (line: EngineProgress) => void;
  readonly signal: AbortSignal;
  /** Default: five minutes. */
  readonly patienceMs?: number;
}

/** Nothing for so long, and the connection counts as dead. */
const silenceMs = 5 * 60_000;

/**
 * Reads what the engine says until it has done. The answer begins before the work does: a failure is a line in it.
 *
 * @throws ExosphereError `image-unavailable` with what the engine said; the signal's reason
 */
export async function followProgress(stream: Readable, { what, onLine, signal, patienceMs = silenceMs }: FollowOptions): Promise<void> {
  let timer = setTimeout(() => undefined, 0);
  const listen = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stream.destroy(new RangeError(`nothing came for ${patienceMs / 60_000} minutes`)), patienceMs);
  };
  const stop = (): void => void stream.destroy(signal.reason as Error); // an AbortError
  signal.addEventListener('abort', stop, { once: true });
  try {
    listen();
    for await (const text of linesOf(stream, listen)) {
      const line = progressOf(text);
      if (line?.error !== undefined)
        throw new ExosphereError('image-unavailable', `The engine could not ${what}: ${line.error.trim()}`, {
          retryable: isPassing(line.error),
        });
      if (line !== null) onLine(line);
    }
    signal.throwIfAborted();
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

/** Unlike `readline`, it ends with an error where the stream breaks off without one. */
async function* linesOf(stream: Readable, onChunk: () => void): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const chunks: AsyncIterable<Buffer> = stream;
  for await (const chunk of chunks) {
    onChunk();
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  yield rest + decoder.end();
}

function progressOf(text: string): EngineProgress | null {
  try {
    return JSON.parse(text) as EngineProgress; // the engine's own format; every field may be missing
  } catch {
    return null; // a blank line
  }
}

/** Whether the next try may go well: what is not there, or not allowed, will not be then either. */
export function isPassing(error: string): boolean {
  return !/not found|manifest unknown|does not exist|denied|unauthorized|no basic auth|digest|returned a non-zero code|Dockerfile|dockerfile/i.test(
    error,
  );
}
