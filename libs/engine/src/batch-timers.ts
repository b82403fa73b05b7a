import type { Clock } from '@exosphere/ports';

/** How long the batches of one shard have waited for more items, by step. */
export class BatchTimers {
  readonly #timers = new Map<number, { due: boolean; readonly cancel: AbortController }>();
  readonly #clock: Clock;
  readonly #signal: AbortSignal;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Whether the batch of a step has waited for as long as it is to. */
  isDue(step: number): boolean {
    return this.#timers.get(step)?.due === true;
  }

  /** The batch of a step waits from now on, unless it does already. */
  start(step: number, ms: number, onDue: () => void): void {
    if (this.#timers.has(step)) return;
    const timer = { due: false, cancel: new AbortController() };
    this.#timers.set(step, timer);
    void this.#clock.sleep(ms, AbortSignal.any([timer.cancel.signal, this.#signal])).then(() => {
      if (timer.cancel.signal.aborted) return;
      timer.due = true;
      onDue();
    });
  }

  /** The batch of a step goes. */
  stop(step: number): void {
    this.#timers.get(step)?.cancel.abort();
    this.#timers.delete(step);
  }
}
