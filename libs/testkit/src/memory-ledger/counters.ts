import type { RunId } from '@exosphere/model';
import type { CountDelta, FailureDelta } from '@exosphere/ports';
import type { FailureCount, Memory, MemoryRun } from './memory.ts';
import { resultsOf, runOf } from './memory.ts';

/** What failures come to: the new counts, and which runs exceed what they allow. */
export interface FailurePlan {
  readonly counts: readonly { readonly run: RunId; readonly basis: number; readonly count: FailureCount }[];
  readonly exceeded: ReadonlySet<RunId>;
}

/** Decides what added failures come to; changes nothing. */
export function planFailures(memory: Memory, changes: readonly FailureDelta[]): FailurePlan {
  const sums = Map.groupBy(changes, ({ run, basis }) => `${run}|${basis}`);
  const counts = [...sums.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const before = resultsOf(memory, first.run).failures.get(first.basis) ?? { failed: 0, allowed: null };
    const failed = same.reduce((sum, { add }) => sum + add, before.failed);
    return [{ run: first.run, basis: first.basis, count: { ...before, failed } }];
  });
  return { counts, exceeded: new Set(counts.filter(({ count }) => isExceeded(count)).map(({ run }) => run)) };
}

export function isExceeded({ failed, allowed }: FailureCount): boolean {
  return allowed !== null && failed > allowed;
}

/** A run that exceeds what it allows is stopping from now on. */
export function stopping(run: MemoryRun): MemoryRun {
  return run.control === 'go' || run.control === 'paused' ? { ...run, control: 'stopping' } : run;
}

export function keepFailures(memory: Memory, { counts, exceeded }: FailurePlan): void {
  for (const { run, basis, count } of counts) resultsOf(memory, run).failures.set(basis, count);
  for (const run of exceeded) memory.runs.set(run, stopping(runOf(memory, run)));
}

export function keepCounts(memory: Memory, changes: readonly CountDelta[]): void {
  for (const { run, step, kind, add } of changes) {
    if (add === 0) continue;
    const { counts } = resultsOf(memory, run);
    const key = `${step}|${kind}`;
    counts.set(key, (counts.get(key) ?? 0) + add);
  }
}

/** Sets how many failures a basis allows; true if there are more already. */
export function allowFailures(memory: Memory, run: RunId, basis: number, allowed: number): boolean {
  const { failures } = resultsOf(memory, run);
  const count = { failed: failures.get(basis)?.failed ?? 0, allowed };
  failures.set(basis, count);
  if (isExceeded(count)) memory.runs.set(run, stopping(runOf(memory, run)));
  memory.changed();
  return isExceeded(count);
}

/** In the order of steps and kinds. */
export function readCounts(memory: Memory, run: RunId): readonly CountDelta[] {
  const counts = [...(memory.results.get(run)?.counts ?? [])].map(([key, add]) => {
    const [step, kind] = key.split('|');
    return { run, step: Number(step), kind: kind as CountDelta['kind'], add }; // keys are written by keepCounts alone
  });
  return counts.sort((a, b) => a.step - b.step || (a.kind < b.kind ? -1 : 1));
}
