import type { RunId } from '@exosphere/model';
import type { NewRun } from '@exosphere/ports';
import type { Memory, MemoryRun } from './memory.ts';
import { isCancelling, isLeaving } from './memory.ts';

/** What rule 56 says of a run that is about to begin. */
export type Admission =
  | { readonly kind: 'admitted'; readonly queued: boolean; /** The runs to cancel for it. */ readonly cancel: readonly RunId[] }
  | { readonly kind: 'skipped'; readonly because: readonly RunId[] };

export function admission(memory: Memory, cluster: string, concurrency: NewRun['concurrency']): Admission {
  if (concurrency === null) return { kind: 'admitted', queued: false, cancel: [] };
  const others = groupOf(memory, cluster, concurrency.group);
  const queued = others.filter((run) => !run.queued || !isCancelling(run)).length >= concurrency.limit;
  if (queued && concurrency.onConflict === 'skip') return { kind: 'skipped', because: others.map((run) => run.id) };
  const staying = others.filter((run) => !isCancelling(run));
  const tooMany = concurrency.onConflict === 'cancel-running' ? Math.max(0, staying.length - concurrency.limit + 1) : 0;
  return { kind: 'admitted', queued, cancel: staying.slice(0, tooMany).map((run) => run.id) };
}

/** Whether a run that goes again has to wait for its group. */
export function hasToWait(memory: Memory, { cluster, concurrency }: MemoryRun): boolean {
  return concurrency !== null && groupOf(memory, cluster, concurrency.group).length >= concurrency.limit;
}

/** Lets waiting runs of a group go, in order, while there is room. Answers with them. */
export function startNext(memory: Memory, { cluster, concurrency }: MemoryRun): readonly MemoryRun[] {
  if (concurrency === null) return [];
  const open = groupOf(memory, cluster, concurrency.group);
  let going = open.filter((run) => !run.queued).length;
  const started: MemoryRun[] = [];
  for (const candidate of open.filter((run) => run.queued && !isLeaving(run))) {
    if (going >= (candidate.concurrency?.limit ?? 0)) break;
    const run = { ...candidate, queued: false };
    memory.runs.set(run.id, run);
    started.push(run);
    going += 1;
  }
  return started;
}

/** Runs of a group that have not ended, the oldest first. */
function groupOf(memory: Memory, cluster: string, group: string): readonly MemoryRun[] {
  return [...memory.runs.values()]
    .filter((run) => run.cluster === cluster && run.concurrency?.group === group && run.endedAt === null)
    .sort((a, b) => a.number - b.number);
}
