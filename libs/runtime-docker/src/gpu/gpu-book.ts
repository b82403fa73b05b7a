import type { GpuNeeds } from '@exosphere/satellite-protocol';
import type { Gpu } from './gpu.ts';
import type { Cards, Holding, Placement, Waiter } from './placement.ts';
import { placeAmong } from './placement.ts';

/** Who has not asked again for so long does not wait any more: its run was cancelled or paused, or its worker is gone. */
const forgottenAfterMs = 30_000;

interface Kept extends Holding {
  readonly needs: GpuNeeds;
}

/** Cards that containers of others on this host have. */
export interface HeldElsewhere {
  /** For people. */
  readonly name: string;
  readonly ids: readonly string[];
}

/**
 * Who has the graphics cards of this host, and who waits for them; {@link placeAmong} has the rules. A holder is a container (or who
 * wants one) with all that makes it another one in its name: what it needs never changes.
 *
 * Who has to wait asks again every few seconds. The holders that a placement names as freeable are asked to leave by that: nothing more
 * is placed with them, and who asked stops them and releases their cards.
 */
export class GpuBook {
  readonly #gpus: readonly Gpu[];
  readonly #now: () => number;
  readonly #holdings = new Map<string, Kept>();
  readonly #queue = new Map<string, Waiter & { readonly askedAt: number }>();
  #elsewhere: readonly HeldElsewhere[] = [];
  #turn = 0;

  /** @param now ms; only differences count */
  constructor(gpus: readonly Gpu[], now: () => number) {
    this.#gpus = gpus;
    this.#now = now;
  }

  /** Asks for cards, again and again until they are there. Once placed, the holder is busy. @param name for people */
  place(needs: GpuNeeds, holder: string, name = holder): Placement {
    this.#forgetSilent();
    const asking = { holder, name, needs };
    const placement = placeAmong(this.#cards(), asking);
    if (placement.kind === 'wait') {
      // one that asks again keeps its place: a map keeps the order in which its keys came
      this.#queue.set(holder, { ...asking, askedAt: this.#now() });
      for (const one of placement.freeable) this.#change(one, { isLeaving: true });
      return placement;
    }
    this.#queue.delete(holder);
    if (placement.kind === 'placed') {
      this.#holdings.set(holder, { ...asking, ids: placement.ids, idleSince: null, isLeaving: false });
    }
    return placement;
  }

  /**
   * Nothing runs in it: it keeps its cards until somebody has a claim on them. Loading a model takes minutes, so say it when nothing is
   * likely to follow soon, not between two requests.
   */
  idle(holder: string): void {
    if (this.#holdings.get(holder)?.idleSince !== null) return;
    this.#turn += 1;
    this.#change(holder, { idleSince: this.#turn });
  }

  /** Something is to run in it. False: it has no cards, or they go to somebody that asked before; then it waits for its turn. */
  busy(holder: string): boolean {
    const held = this.#holdings.get(holder);
    return held !== undefined && this.place(held.needs, holder, held.name).kind === 'placed';
  }

  /** Gives its cards back: its container is gone. One that has none gives up its place among those that wait. */
  release(holder: string): void {
    if (!this.#holdings.delete(holder)) this.#queue.delete(holder);
  }

  /** What containers of other processes on this host have, as it is now. Whoever finds out tells it before it asks for a place. */
  heldElsewhere(held: readonly HeldElsewhere[]): void {
    this.#elsewhere = held;
  }

  /** The cards that a holder has. Empty: none. */
  cardsOf(holder: string): readonly string[] {
    return this.#holdings.get(holder)?.ids ?? [];
  }

  #change(holder: string, changes: Partial<Holding>): void {
    const held = this.#holdings.get(holder);
    if (held !== undefined) this.#holdings.set(holder, { ...held, ...changes });
  }

  #forgetSilent(): void {
    const since = this.#now() - forgottenAfterMs;
    for (const [holder, { askedAt }] of this.#queue) if (askedAt < since) this.#queue.delete(holder);
  }

  #cards(): Cards {
    const others = this.#elsewhere.map(({ name, ids }, index) => ({
      ...{ holder: `elsewhere ${String(index)}`, name, ids },
      ...{ idleSince: null, isLeaving: false },
    }));
    return { gpus: this.#gpus, holdings: [...this.#holdings.values(), ...others], queue: [...this.#queue.values()] };
  }
}
