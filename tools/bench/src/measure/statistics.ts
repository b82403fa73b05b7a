/** What is said of the measurements of one number. */
export interface Statistics {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** @param values at least one */
export function statisticsOf(values: readonly number[]): Statistics {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: medianOfSorted(sorted), low: sorted[0] ?? NaN, high: sorted.at(-1) ?? NaN };
}

export function median(values: readonly number[]): number {
  return medianOfSorted(values.toSorted((a, b) => a - b));
}

function medianOfSorted(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}
