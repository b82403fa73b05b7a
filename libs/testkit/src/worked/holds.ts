import type { WorkedFault } from '../worked-example-types.ts';

/** The executions that an example holds, until it releases them. */
export class Holds {
  readonly #released = new Set<WorkedFault>();
  readonly #waiting = new Map<WorkedFault, Set<() => void>>();
  #isOver = false;

  /** Nothing is held any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** How many wait now. */
  get count(): number {
    return [...this.#waiting.values()].reduce((sum, waiting) => sum + waiting.size, 0);
  }

  isReleased(fault: WorkedFault): boolean {
    return this.#isOver || this.#released.has(fault);
  }

  /** Waits for the release, or for the signal. */
  async until(fault: WorkedFault, signal: AbortSignal): Promise<void> {
    if (this.isReleased(fault) || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const waiting = this.#waiting.get(fault) ?? new Set();
      this.#waiting.set(fault, waiting);
      const done = (): void => {
        waiting.delete(done);
        resolve();
      };
      waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  release(fault: WorkedFault): void {
    this.#released.add(fault);
    for (const done of [...(this.#waiting.get(fault) ?? [])]) done();
  }

  releaseAll(): void {
    this.#isOver = true;
    for (const waiting of this.#waiting.values()) for (const done of [...waiting]) done();
  }
}
