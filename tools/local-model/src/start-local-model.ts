import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { installModel } from './install-model.ts';
import { ModelProcess } from './model-process.ts';

export interface LocalModelOptions {
  /** Ends the start, and later the model. */
  readonly signal?: AbortSignal;
  /** Default 0: a free one. */
  readonly port?: number;
  readonly onProgress?: (message: string) => void;
}

/** A language model that runs on this machine. */
export interface LocalModel {
  /** `http://127.0.0.1:port`: what an environment names as `server`. The OpenAI API is at `/v1`. */
  readonly baseUrl: string;
  /** What it is called there. */
  readonly model: string;
  stop(): Promise<void>;
}

export const localModelName = 'smollm2-135m-instruct';
/** A report of ten pages, its schema, an answer and two that are mended. */
const context = 6_144;
const parallel = 2;
const seed = 1;

/**
 * Starts a real, small language model on the CPU and waits until it answers. The first time on a machine it installs the model.
 *
 * @throws LocalModelFailure that says in one line what is missing, and how to get it
 * @example
 * const { baseUrl, stop } = await startLocalModel();
 */
export async function startLocalModel({ signal, port = 0, onProgress }: LocalModelOptions = {}): Promise<LocalModel> {
  const until = signal ?? new AbortController().signal;
  const installed = await installModel({ signal: until, onProgress });
  const threads = availableParallelism();
  const server = new ModelProcess(installed, { port, model: localModelName, parallel, context, threads, seed });
  const stop = (): Promise<void> => server.stop();
  try {
    const baseUrl = await server.address(until);
    await untilHealthy(baseUrl, until);
    until.addEventListener('abort', () => void stop(), { once: true });
    return { baseUrl, model: localModelName, stop };
  } catch (cause) {
    await stop();
    until.throwIfAborted();
    throw cause;
  }
}

async function untilHealthy(baseUrl: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const answer = await fetch(`${baseUrl}/health`, { signal }).catch(() => null);
    if (answer?.ok === true) return;
    await sleep(50, null, { signal });
  }
}
