type Names = () => Iterable<string>;

/** Of each runtime of this process: they have one owner, so that what one of them has is no leftover to the others. */
const runtimes = new Set<Names>();

/** Says what a runtime has, is making or is taking away. What it gives is called when that is nothing any more; true: it was the last one. */
export function announceInUse(names: Names): () => boolean {
  runtimes.add(names);
  return () => {
    runtimes.delete(names);
    return runtimes.size === 0;
  };
}

/** All that this process has. */
export function inUseHere(): ReadonlySet<string> {
  return new Set([...runtimes].flatMap((names) => [...names()]));
}
