import type { Catalog } from '@exosphere/cluster';

/** What a cluster asked of a catalog that knows nothing. */
export interface RecordingCatalog extends Catalog {
  /** Each `uses` of a satellite, once. */
  readonly asked: readonly AskedSatellite[];
  /** `project/name` of each cluster, once. */
  readonly clusters: readonly string[];
}

export interface AskedSatellite {
  /** `satellite/project/name`, or the path of a local package. */
  readonly reference: string;
  readonly range: string | null;
}

/** A catalog for a first reading, which finds out what has to be resolved before the real one. */
export function recordingCatalog(): RecordingCatalog {
  const asked = new Map<string, AskedSatellite>();
  const clusters = new Set<string>();
  return {
    get asked() {
      return [...asked.values()];
    },
    get clusters() {
      return [...clusters];
    },
    satellite: (reference, range) => {
      asked.set(usesText({ reference, range }), { reference, range });
      return 'unknown';
    },
    cluster: (identifier) => {
      clusters.add(identifier);
      return 'unknown';
    },
    names: () => [],
  };
}

/** `satellite/project/name@^1`, as a lock names it. */
export function usesText({ reference, range }: AskedSatellite): string {
  return range === null ? reference : `${reference}@${range}`;
}
