import type { ShardId } from '@exosphere/model';
import type { SeededRandom } from '../seeded-random.ts';

/** How often which harm comes to a wake-up: probabilities. */
export interface WakeUpFaults {
  readonly lose: number;
  readonly double: number;
  readonly delay: number;
  /** That a fetch takes any wake-up instead of the most urgent one. */
  readonly reorder: number;
  /** A delayed one comes after 0 to so many ms. */
  readonly mostDelayMs: number;
}

export const noFaults: WakeUpFaults = { lose: 0, double: 0, delay: 0, reorder: 0, mostDelayMs: 60_000 };

export interface WakeUp {
  readonly shard: ShardId;
  /** Smaller goes first. */
  readonly priority: number;
}

interface Job extends WakeUp {
  readonly number: number;
  readonly availableAt: number;
}

/** Delivers wake-ups as badly as it is told to. */
export class WakeUpQueue {
  readonly #faults: WakeUpFaults;
  readonly #random: SeededRandom;
  readonly #now: () => number;
  #jobs: Job[] = [];
  #sent = 0;

  constructor(options: { readonly faults: WakeUpFaults; readonly random: SeededRandom; readonly now: () => number }) {
    this.#faults = options.faults;
    this.#random = options.random;
    this.#now = options.now;
  }

  /** How many wait, delayed ones too. */
  get size(): number {
    return this.#jobs.length;
  }

  send(wakeUps: readonly WakeUp[]): void {
    for (const wakeUp of wakeUps) this.#deliver(() => this.#add(wakeUp));
  }

  /** Calls back once, or as the faults have it not at all or twice: for signals, which are lost and doubled like wake-ups. */
  signal(deliver: () => void): void {
    this.#deliver(deliver);
  }

  /** Whether one can be fetched now. */
  has(shard: ShardId): boolean {
    const now = this.#now();
    return this.#jobs.some((job) => job.shard === shard && job.availableAt <= now);
  }

  /** Takes up to `max`, the most urgent first. */
  fetch(max: number): readonly ShardId[] {
    const now = this.#now();
    const available = this.#jobs.filter((job) => job.availableAt <= now).sort((a, b) => a.priority - b.priority || a.number - b.number);
    const taken = new Set<Job>();
    while (taken.size < max && available.length > 0) {
      const index = this.#random.happens(this.#faults.reorder) ? Math.floor(this.#random.next() * available.length) : 0;
      for (const job of available.splice(index, 1)) taken.add(job);
    }
    this.#jobs = this.#jobs.filter((job) => !taken.has(job));
    return [...taken].map((job) => job.shard);
  }

  /** As if somebody had emptied the table. */
  clear(): void {
    this.#jobs = [];
  }

  #deliver(once: () => void): void {
    if (this.#random.happens(this.#faults.lose)) return;
    once();
    if (this.#random.happens(this.#faults.double)) once();
  }

  #add({ shard, priority }: WakeUp): void {
    const wait = this.#random.happens(this.#faults.delay) ? this.#random.next() * this.#faults.mostDelayMs : 0;
    this.#sent += 1;
    this.#jobs.push({ shard, priority, number: this.#sent, availableAt: this.#now() + wait });
  }
}
