/** The containers that this process has, is starting, or is removing: none of them is left over. */
export class LiveNames {
  /** Attempts of one execution follow one another under one name: how many have it. */
  readonly #counts = new Map<string, number>();

  /** From before the engine is asked for it. What it gives is called when the container is gone. */
  add(name: string): () => void {
    this.#change(name, 1);
    let isOver = false;
    return () => {
      if (!isOver) this.#change(name, -1);
      isOver = true;
    };
  }

  all(): readonly string[] {
    return [...this.#counts.keys()];
  }

  #change(name: string, by: number): void {
    const count = (this.#counts.get(name) ?? 0) + by;
    if (count > 0) this.#counts.set(name, count);
    else this.#counts.delete(name);
  }
}
