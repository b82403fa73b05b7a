import { didYouMean, hintOf } from '../read/closest-name.ts';
import type { Report } from '../read/report.ts';
import type { Found } from '../read/shape.ts';
import type { Catalog, CatalogCluster } from './catalog.ts';

/** Clusters that may run one another, the outermost included. */
const mostLevels = 8;

interface Resolving {
  readonly catalog: Catalog;
  readonly cluster: string;
  readonly report: Report;
}

/** Looks up a cluster that is a step. Null where it is unknown, runs itself, or nests too deep; that is reported. */
export function resolveCluster(uses: Found<string>, identifier: string, { catalog, cluster, report }: Resolving): CatalogCluster | null {
  const target = catalog.cluster(identifier);
  if (identifier !== cluster && target === 'unknown') {
    const hint = hintOf(`cluster/${identifier}`, catalog.names());
    report.error('unknown-cluster', uses, `There is no cluster '${identifier}'.${didYouMean(hint.hint)}`, { found: uses.value, ...hint });
    return null;
  }
  const way = wayThrough(identifier, { catalog, above: [cluster], known: new Map() });
  const last = way.at(-1) ?? '';
  if (way.indexOf(last) < way.length - 1) {
    const message = `Cluster '${cluster}' would run itself: ${way.slice(way.indexOf(last)).join(' → ')}. Take one of these steps out.`;
    report.error('cluster-cycle', uses, message, { found: identifier });
    return null;
  }
  if (way.length > mostLevels) {
    report.error('cluster-too-deep', uses, `Clusters may run clusters ${mostLevels} levels deep, and this is more: ${way.join(' → ')}.`, {
      found: identifier,
    });
    return null;
  }
  return target === 'unknown' ? null : target;
}

interface Descent {
  readonly catalog: Catalog;
  readonly above: readonly string[];
  /** The longest way below clusters that were looked at before. */
  readonly known: Map<string, readonly string[]>;
}

/** The longest way down through the clusters that run one another, or one that comes back to where it was. */
function wayThrough(identifier: string, { catalog, above, known }: Descent): readonly string[] {
  const way = [...above, identifier];
  if (above.includes(identifier) || way.length > mostLevels) return way;
  const before = known.get(identifier);
  if (before !== undefined) return [...way, ...before];
  const cluster = catalog.cluster(identifier);
  let longest: readonly string[] = way;
  for (const inner of cluster === 'unknown' ? [] : cluster.uses) {
    const deeper = wayThrough(inner, { catalog, above: way, known });
    if (deeper.length > mostLevels || deeper.indexOf(deeper.at(-1) ?? '') < deeper.length - 1) return deeper;
    if (deeper.length > longest.length) longest = deeper;
  }
  known.set(identifier, longest.slice(way.length));
  return longest;
}
