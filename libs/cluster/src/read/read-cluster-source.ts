import type { ClusterSource } from './cluster-shape.ts';
import { clusterShape, versionShape } from './cluster-shape.ts';
import { didYouMean, hintOf } from './closest-name.ts';
import type { Report } from './report.ts';
import type { SourceMap, SourceNode } from './source-node.ts';
import { kindInWords, valueOf } from './source-node.ts';

/** Reads the keys of a cluster file. Paths in diagnostics begin below `cluster`. Null where there is nothing to go on with. */
export function readClusterSource(root: SourceNode, report: Report): ClusterSource | null {
  const input = { node: root, at: '', report };
  if (root.kind !== 'map') {
    report.error(
      'wrong-type',
      { start: root.start, at: '' },
      `The file is ${kindInWords(root)}, expected a mapping with the keys version and cluster.`,
    );
    return null;
  }
  refuseStrangers(root, report);
  const version = valueOf(root, 'version');
  if (version === undefined) missing('version', 'version: 0.0.1b', root, report);
  else versionShape.read({ ...input, node: version, at: 'version' });
  const cluster = valueOf(root, 'cluster');
  if (cluster !== undefined) return clusterShape.read({ ...input, node: cluster })?.value ?? null;
  missing('cluster', 'cluster with its identifier, sla, trigger and satellites', root, report);
  return null;
}

function refuseStrangers(root: SourceMap, report: Report): void {
  const ofCluster = Object.keys(clusterShape.schema['properties'] ?? {});
  for (const { key, keySpan } of root.entries) {
    if (key === 'version' || key === 'cluster') continue;
    const hint = ofCluster.includes(key) ? {} : hintOf(key, ['version', 'cluster']);
    const what = ofCluster.includes(key) ? ` '${key}' belongs below 'cluster'.` : didYouMean(hint.hint, ['version', 'cluster']);
    report.error('unknown-key', { start: keySpan.start, at: key }, `The file has no key '${key}'.${what}`, { found: key, ...hint });
  }
}

function missing(key: string, expected: string, root: SourceNode, report: Report): void {
  report.error('missing-key', { start: root.start, at: key }, `The file has no '${key}'. It needs ${expected}.`, { found: key });
}
