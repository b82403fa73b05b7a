import { executionName, isEnding, stepAt, survives } from '@exosphere/run-machine';
import type { Desk } from './desk.ts';
import type { Item } from './item.ts';
import type { RunInfo } from './run-info.ts';

/** Items of one shard that a test holds; see {@link Desk.hold}. */
export class HeldItems {
  readonly #run: RunInfo;
  readonly #desk: Pick<Desk, 'hold'>;
  readonly #again: (items: readonly Item[]) => void;
  readonly #held = new Set<Item>();
  #stop = new AbortController();

  /** @param again told when an item may go on */
  constructor(run: RunInfo, desk: Pick<Desk, 'hold'>, again: (items: readonly Item[]) => void) {
    this.#run = run;
    this.#desk = desk;
    this.#again = again;
  }

  /** Sets those aside that are held. */
  admit(items: readonly Item[]): readonly Item[] {
    const { hold } = this.#desk;
    if (hold === null) return items;
    const { graph, row, control } = this.#run;
    return items.filter((item) => {
      const step = stepAt(graph, item.step);
      const name = executionName(graph, { step, path: item.path, origin: item.origin, keyRound: item.keyRound }, row.items);
      const isOver = isEnding(control) && !survives(step, control);
      const held = isOver ? null : hold(this.#run, { name, attempt: item.attempts + 1, signal: this.#stop.signal });
      if (held === null) return true;
      this.#held.add(item);
      void held.then(() => {
        if (this.#held.delete(item)) this.#again([item]);
      });
      return false;
    });
  }

  /** They need not be held any more. Answers with them. */
  letGo(): readonly Item[] {
    const held = [...this.#held];
    this.#held.clear();
    this.#stop.abort();
    this.#stop = new AbortController();
    return held;
  }
}
