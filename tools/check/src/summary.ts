import { total } from './outcome.ts';
import type { Outcome, Result } from './outcome.ts';

/** The table of what ran, what was skipped with how to get it, and the closing line: `12 passed, 0 failed, 1 skipped`. */
export function summary(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ name }) => name.length), 0);
  const rows = results.map(
    ({ name, outcome, seconds }) => `${mark(outcome)} ${name.padEnd(width)} ${`${seconds.toFixed(1)} s`.padStart(8)}  ${said(outcome)}`,
  );
  const { passed, failed, skipped } = total(results);
  return ['', ...rows, '', `${String(passed)} passed, ${String(failed)} failed, ${String(skipped)} skipped`].join('\n');
}

function mark({ kind }: Outcome): string {
  return { passed: '✓', failed: '✗', skipped: '–' }[kind];
}

function said(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'skipped':
      return `SKIPPED: ${outcome.why}. To run it, ${outcome.get}.`;
    case 'failed':
      return `FAILED: ${outcome.why}`;
    case 'passed':
      return outcome.counts ? tests(outcome.counts) : '';
  }
}

function tests({ passed, skipped }: { passed: number; skipped: number }): string {
  if (passed === 0) return 'there are no tests of this kind yet';
  return `${String(passed)} tests${skipped > 0 ? `, ${String(skipped)} skipped` : ''}`;
}
