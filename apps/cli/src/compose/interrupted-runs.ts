import type { RunId } from '@exosphere/model';
import type { RunFilter, RunReader } from '@exosphere/ports';
import { readRunQueues } from '@exosphere/postgres';
import { serviceQueue } from './existing-run.ts';

const mostLookedAt = 1_000;

/** The newest run that is open and that nobody works on; null: there is none. */
export async function latestInterrupted(
  reader: Pick<RunReader, 'listRuns'>,
  databaseUrl: string,
  filter: Pick<RunFilter, 'cluster'>,
): Promise<RunId | null> {
  const { items } = await reader.listRuns({ ...filter, statuses: ['pending', 'running'] }, { after: null, limit: mostLookedAt });
  if (items.length === 0) return null;
  const ids = items.map(({ id }) => id);
  const queues = await readRunQueues(databaseUrl, ids);
  return ids.find((id) => queues.get(id)?.isHeld === false && queues.get(id)?.queue !== serviceQueue) ?? null;
}
