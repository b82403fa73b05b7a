import type { InputDeclaration, LockedImages } from '@exosphere/model';
import type { SatelliteManifest } from '@exosphere/satellite-protocol';

/** What can be used, as data: whoever calls has resolved it before, or resolves it when it is asked for. */
export interface Catalog {
  /**
   * A satellite by `satellite/project/name` or by the path of a local package.
   *
   * @param range an exact version or a semver range; null: the latest that is no prerelease
   */
  satellite(reference: string, range: string | null): CatalogSatellite | 'unknown' | UnknownVersion;
  /** A cluster by `project/name`. */
  cluster(identifier: string): CatalogCluster | 'unknown';
  /** `satellite/project/name` and `cluster/project/name` of all there is, for suggestions. */
  names(): readonly string[];
}

/** A satellite at one version. */
export interface CatalogSatellite {
  /** `satellite/project/name`. */
  readonly reference: string;
  readonly version: string;
  /** `sha256:…` */
  readonly digest: string;
  readonly manifest: SatelliteManifest;
  /** What the tags in its manifest stand for; absent: it has none, or nobody has asked. */
  readonly images?: LockedImages;
}

/** The satellite exists, and none of its versions fits. */
export interface UnknownVersion {
  readonly unknownVersion: true;
  readonly versions: readonly string[];
}

/** A cluster that can be a step. */
export interface CatalogCluster {
  /** `project/name`. */
  readonly identifier: string;
  /** Number or name of its revision. */
  readonly version: string;
  /** `sha256:…` of its revision. */
  readonly digest: string;
  readonly slaMs: number;
  readonly inputs: Readonly<Record<string, InputDeclaration>>;
  /** `project/name` of the clusters that its steps run. */
  readonly uses: readonly string[];
}
