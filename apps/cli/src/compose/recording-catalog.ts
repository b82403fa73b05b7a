import type { Catalog } from '@exosphere/cluster';

/** What a cluster asked of a catalog that knows nothing. */
export interface RecordingCatalog extends Catalog {
  /** Each `uses`, once. */
  readonly asked: readonly AskedSatellite[];
}

export interface AskedSatellite {
  /** `satellite/project/name`, or the path of a local package. */
  readonly reference: string;
  readonly range: string | null;
}

/** A catalog for a first reading, which finds out what has to be resolved before the real one. */
export function recordingCatalog(): RecordingCatalog {
  const asked = new Map<string, AskedSatellite>();
  return {
    get asked() {
      return [...asked.values()];
    },
    satellite: (reference, range) => {
      asked.set(usesText({ reference, range }), { reference, range });
      return 'unknown';
    },
    cluster: () => 'unknown',
    names: () => [],
  };
}

/** `satellite/project/name@^1`, as a lock names it. */
export function usesText({ reference, range }: AskedSatellite): string {
  return range === null ? reference : `${reference}@${range}`;
}
