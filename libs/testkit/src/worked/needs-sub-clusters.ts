import type { WorkedCase } from '../worked-example-types.ts';

/** Cases in which a cluster runs as a step. The engine does not run those yet: they come with the registry, which locks their revisions. */
export function needsSubClusters(example: WorkedCase): boolean {
  return Object.keys(example.clusters).length > 0;
}
