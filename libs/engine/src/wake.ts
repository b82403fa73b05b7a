import type { Clock } from '@exosphere/ports';

/** A bell that a loop waits for. A ring while nobody waits is kept. */
export class Wake {
  readonly #clock: Clock;
  #rung = false;
  #end: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung = true;
    this.#end?.();
  }

  /** Waits for a ring, or so many ms, or the signal. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      const stop = new AbortController();
      this.#end = () => stop.abort();
      await this.#clock.sleep(ms, AbortSignal.any([stop.signal, signal]));
      this.#end = null;
    }
    this.#rung = false;
  }
}
