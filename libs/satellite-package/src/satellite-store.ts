import type { SatelliteManifest } from '@exosphere/satellite-protocol';

/** A satellite as it is stored: everything that its digest stands for. */
export interface StoredSatellite {
  /** `satellite/project/name`. */
  readonly reference: string;
  readonly version: string;
  readonly digest: string;
  readonly manifest: SatelliteManifest;
  /** The script that `bundleSatellite` made; null where the satellite runs in a container. */
  readonly bundle: string | null;
}

/** Where the runtime finds satellites. */
export interface SatelliteStore {
  /** The manifest, if it is at hand without waiting; null where it is not. */
  manifest(digest: string): SatelliteManifest | null;
  /** Null: there is no such satellite. */
  load(digest: string): Promise<StoredSatellite | null>;
}
