import { ExosphereError, isRunId } from '@exosphere/model';
import type { RunId } from '@exosphere/model';
import type { RunReader } from '@exosphere/ports';

const mostLookedAt = 1_000;
const leastCharacters = 4;

/**
 * The run that a user means: its id, the beginning or end of it, `project/name#7`, or `latest`.
 *
 * @throws ExosphereError `run-unknown`
 */
export async function findRun(reader: Pick<RunReader, 'listRuns' | 'findRun'>, text: string): Promise<RunId> {
  const wanted = text.toLowerCase();
  if (isRunId(wanted)) return wanted;
  const [, cluster, number] = /^(?:cluster\/)?([^#]+\/[^#]+)#(\d+)$/.exec(text) ?? [];
  if (cluster !== undefined)
    return (await reader.findRun(cluster, Number(number))) ?? refuse(`Cluster '${cluster}' has no run #${number ?? ''}.`);
  const { items } = await reader.listRuns({}, { after: null, limit: wanted === 'latest' ? 1 : mostLookedAt });
  if (wanted === 'latest') return items[0]?.id ?? refuse('There is no run yet.');
  const found = wanted.length < leastCharacters ? [] : items.filter(({ id }) => id.startsWith(wanted) || id.endsWith(wanted));
  const [run] = found;
  if (run === undefined) return refuse(`There is no run '${text}'. Give its id, the last characters of it, project/name#7, or latest.`);
  if (found.length > 1) return refuse(`'${text}' may be ${found.map(({ id }) => id).join(' or ')}. Give more of it.`);
  return run.id;
}

function refuse(message: string): never {
  throw new ExosphereError('run-unknown', message);
}
