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
  /** The context that its image is built of, a tar archive; null where there is nothing to build. */
  readonly archive: Uint8Array | null;
}

/** Where the runtimes find satellites. */
export interface SatelliteStore {
  /** The manifest, if it is at hand without waiting; null where it is not. */
  manifest(digest: string): SatelliteManifest | null;
  /** Null: there is no such satellite. */
  load(digest: string): Promise<StoredSatellite | null>;
}
