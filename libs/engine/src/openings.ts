/** Satellites that items of one shard wait for while they are opened, which may take minutes: who waits can be told not to. */
export class Openings {
  readonly #waiting = new Map<AbortController, number>();
  readonly #signal: AbortSignal;

  /** @param signal the shard is gone: nobody waits any more */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** What the promise gives; null: it was said before that nobody is to wait for this step. Whoever opens it goes on. */
  async wait<T>(step: number, opening: Promise<T>): Promise<T | null> {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#signal]);
    this.#waiting.set(stop, step);
    try {
      return await Promise.race([opening, whenAborted(signal)]);
    } finally {
      this.#waiting.delete(stop);
    }
  }

  /** Nobody waits any more for these steps. */
  stop(isStopped: (step: number) => boolean): void {
    for (const [stop, step] of this.#waiting) if (isStopped(step)) stop.abort();
  }
}

function whenAborted(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }));
}
