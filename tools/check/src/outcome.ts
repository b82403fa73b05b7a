/** How many tests did what. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What became of one check. */
export type Outcome =
  | { readonly kind: 'passed'; readonly counts: Counts | null }
  | { readonly kind: 'failed'; readonly counts: Counts | null; readonly why: string }
  /** Something that it needs is missing. `get` says how to come by it. */
  | { readonly kind: 'skipped'; readonly why: string; readonly get: string };

/** One check of the repository. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

/** An outcome with the check that it belongs to. */
export interface Result {
  readonly name: string;
  readonly outcome: Outcome;
  readonly seconds: number;
}

/** Adds up the counts of all results. A check that is no test run counts as one: it passed, failed or was skipped. */
export function total(results: readonly Result[]): Counts {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcome } of results) {
    const counts = outcome.kind === 'skipped' ? null : outcome.counts;
    if (!counts) {
      sum[outcome.kind] += 1;
      continue;
    }
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
    if (outcome.kind === 'failed' && counts.failed === 0) sum.failed += 1; // the run failed outside its tests
  }
  return sum;
}
