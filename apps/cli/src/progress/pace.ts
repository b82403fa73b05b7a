/** How fast something goes, over the last seconds. */
export interface Pace {
  /** @param now ms */
  add(now: number, done: number): void;
  /** Per second; null: too early to tell. */
  rate(): number | null;
}

const spanMs = 10_000;
const leastMs = 500;

export function createPace(): Pace {
  const marks: { readonly at: number; readonly done: number }[] = [];
  return {
    add: (at, done) => {
      marks.push({ at, done });
      while (marks.length > 2 && at - (marks[1]?.at ?? at) >= spanMs) marks.shift();
    },
    rate: () => {
      const [first, last] = [marks[0], marks.at(-1)];
      if (first === undefined || last === undefined || last.at - first.at < leastMs) return null;
      return Math.max(0, last.done - first.done) / ((last.at - first.at) / 1_000);
    },
  };
}
