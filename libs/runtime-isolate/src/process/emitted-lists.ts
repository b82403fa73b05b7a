/**
 * The lists that the requests of a call have emitted, each request's one behind the other: the next is handed on when the one before
 * was taken.
 */
export class EmittedLists {
  readonly #last = new Map<number, Promise<void>>();

  /** Settles as `take` does; `take` runs when what came before it in the same request has settled. */
  add(index: number, take: () => Promise<void>): Promise<void> {
    const taken = (this.#last.get(index) ?? Promise.resolve()).then(take);
    const settled = taken.catch(() => {}); // its reason belongs to who awaits `taken`
    this.#last.set(index, settled);
    return taken;
  }

  /** Settles when everything that a request emitted was taken; null: nothing was. */
  taken(index: number): Promise<void> | null {
    return this.#last.get(index) ?? null;
  }
}
