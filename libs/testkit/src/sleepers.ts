import { InternalError } from '@exosphere/model';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** The time of a simulation, and who waits for it to pass. */
export class Sleepers {
  readonly #sleepers = new Set<Sleeper>();
  #time: number;
  #asked = 0;

  constructor(start: number) {
    this.#time = start;
  }

  get time(): number {
    return this.#time;
  }

  get count(): number {
    return this.#sleepers.size;
  }

  /** How often the time was asked for, or somebody went to sleep or was woken: a sign of life. */
  get asked(): number {
    return this.#asked;
  }

  /** When the first one wakes up. Null: none ever does. */
  get next(): number | null {
    let next = Infinity;
    for (const { at } of this.#sleepers) next = Math.min(next, at);
    return next === Infinity ? null : next;
  }

  ask(): number {
    this.#asked += 1;
    return this.#time;
  }

  /** Whole ms, like a timer; ends early when the signal aborts. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.#asked += 1;
    if (Number.isNaN(ms)) throw new InternalError('a sleep of NaN ms would never end');
    if (signal.aborted) return;
    const at = this.#time + Math.max(0, Math.ceil(ms));
    await new Promise<void>((ended) => {
      const sleeper: Sleeper = { at, wake: () => wake() };
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#sleepers.delete(sleeper);
        ended();
      };
      signal.addEventListener('abort', wake);
      this.#sleepers.add(sleeper);
    });
  }

  /** Sets the time and wakes those whose time has come, in the order in which it came. */
  jump(time: number): void {
    this.#time = Math.max(this.#time, time);
    const due = [...this.#sleepers].filter(({ at }) => at <= this.#time);
    this.#asked += due.length; // so that nobody else who waits for idleness jumps before they have run
    for (const sleeper of due.sort((a, b) => a.at - b.at)) sleeper.wake();
  }
}
