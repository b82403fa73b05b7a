import type { RunId } from '@exosphere/model';
import type { RunFilter, RunReader } from '@exosphere/ports';
import { readRunQueues } from '@exosphere/postgres';
import { serviceQueue } from './existing-run.ts';

const mostLookedAt = 1_000;

/** The newest run that is open and that nobody works on, not one that it runs as a step; null: there is none. */
export async function latestInterrupted(
  reader: Pick<RunReader, 'listRuns'>,
  databaseUrl: string,
  filter: Pick<RunFilter, 'cluster'>,
): Promise<RunId | null> {
  const { items } = await reader.listRuns({ ...filter, statuses: ['pending', 'running'] }, { after: null, limit: mostLookedAt });
  if (items.length === 0) return null;
  const ids = items.map(({ id }) => id);
  const queues = await readRunQueues(databaseUrl, ids);
  const newest = ids.find((id) => queues.get(id)?.isHeld === false && queues.get(id)?.queue !== serviceQueue);
  if (newest === undefined) return null;
  // The runs of one queue were all made for one of them, the one that is no step. Their ids say nothing of it: they may have one time.
  const together = items.filter(({ id }) => queues.get(id)?.queue === queues.get(newest)?.queue);
  return together.find(({ trigger }) => trigger['type'] !== 'cluster')?.id ?? newest;
}
