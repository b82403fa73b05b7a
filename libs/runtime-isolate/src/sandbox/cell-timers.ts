import { refused } from '../link/ask-failure.ts';

const mostTimers = 10_000;
const longestMs = 2 ** 31 - 1;

/** The timers of one cell. */
export class CellTimers {
  readonly #running = new Map<number, NodeJS.Timeout>();

  wait(id: number, ms: number): Promise<null> {
    return new Promise((resolve, reject) => {
      if (this.#running.size >= mostTimers) {
        reject(refused(`More than ${mostTimers} timers are running.`, { code: 'not-supported' }));
        return;
      }
      const ring = (): void => {
        this.#running.delete(id);
        resolve(null);
      };
      this.#running.set(id, setTimeout(ring, Math.min(Math.max(ms, 0), longestMs)));
    });
  }

  cancel(id: number): null {
    clearTimeout(this.#running.get(id));
    this.#running.delete(id);
    return null;
  }

  close(): void {
    for (const timer of this.#running.values()) clearTimeout(timer);
    this.#running.clear();
  }
}
