import type { Catalog } from '@exosphere/cluster';
import type { LocalSatellites } from '@exosphere/satellite-package';

/** The satellites of a folder as a catalog: one version each. */
export function localCatalog(satellites: LocalSatellites): Catalog {
  return {
    satellite: (reference) => satellites.all.find((satellite) => satellite.reference === reference) ?? 'unknown',
    cluster: () => 'unknown',
    names: () => satellites.all.map(({ reference }) => reference),
  };
}
