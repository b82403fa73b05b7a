import type { Item } from './item.ts';

/** Items of one shard that may begin, in the order in which they came, by step. */
export class ReadyItems {
  readonly #queues = new Map<number, Item[]>();

  /** The deepest first: an item moves on before the next one begins. */
  get steps(): readonly number[] {
    return [...this.#queues.keys()].sort((a, b) => b - a);
  }

  add(items: readonly Item[]): void {
    for (const item of items) this.of(item.step).push(item);
  }

  /** The queue of a step, to be taken from. */
  of(step: number): Item[] {
    const known = this.#queues.get(step);
    if (known !== undefined) return known;
    const queue: Item[] = [];
    this.#queues.set(step, queue);
    return queue;
  }

  remove(items: readonly Item[]): void {
    for (const queue of this.#queues.values()) queue.splice(0, queue.length, ...queue.filter((item) => !items.includes(item)));
  }

  clear(): void {
    this.#queues.clear();
  }
}
