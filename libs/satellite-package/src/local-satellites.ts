import { access, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { SatelliteManifest } from '@exosphere/satellite-protocol';
import type { SatelliteStore, StoredSatellite } from './satellite-store.ts';
import { cachedBundle, keepBundle } from './bundle-cache.ts';
import { BundleFailure } from './bundle-failure.ts';
import type { BundledSatellite } from './bundle-satellite.ts';
import { bundleSatellite } from './bundle-satellite.ts';

/** The satellites of folders on this machine. */
export interface LocalSatellites extends SatelliteStore {
  /** Every satellite that can be used, by reference. */
  readonly all: readonly LocalSatellite[];
  /** The packages that cannot. */
  readonly failures: readonly BundleFailure[];
  /** The satellite in a folder (`uses: ./satellites/x`), built if it was not yet. Fails with {@link BundleFailure}. */
  fromFolder(folder: string): Promise<LocalSatellite>;
}

/** A built satellite and where it lies. */
export interface LocalSatellite extends StoredSatellite {
  readonly folder: string;
}

async function packagesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []); // a project may have no satellites of its own
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(async ({ name }) => {
        const path = join(folder, name);
        return (await isThere(join(path, 'satellite.yaml'))) ? path : null;
      }),
  );
  return found.filter((path) => path !== null).sort();
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function built(folder: string, cacheFolder: string): Promise<BundledSatellite> {
  const known = await cachedBundle(cacheFolder, folder);
  if (known !== null) return known;
  const satellite = await bundleSatellite(folder);
  await keepBundle(cacheFolder, folder, satellite);
  return satellite;
}

/**
 * Finds and builds the satellites in the folders of `folders` (each like `satellites/`), what is not in the cache.
 *
 * @param cacheFolder where builds are kept, as `.exosphere`
 */
export async function openLocalSatellites(options: {
  readonly folders: readonly string[];
  readonly cacheFolder: string;
}): Promise<LocalSatellites> {
  const byDigest = new Map<string, LocalSatellite>();
  const failures: BundleFailure[] = [];

  const fromFolder = async (folder: string): Promise<LocalSatellite> => {
    const path = resolve(folder);
    const { reference, version, digest, manifest, bundle, archive } = await built(path, options.cacheFolder);
    const satellite = { reference, version, digest, manifest, bundle, archive, folder: path };
    byDigest.set(digest, satellite);
    return satellite;
  };

  const found = (await Promise.all(options.folders.map(packagesIn))).flat();
  const all = await Promise.all(
    found.map(async (folder) => {
      try {
        return await fromFolder(folder);
      } catch (cause) {
        if (!(cause instanceof BundleFailure)) throw cause;
        failures.push(cause);
        return null;
      }
    }),
  );
  return {
    all: all.filter((satellite) => satellite !== null).sort((a, b) => (a.reference < b.reference ? -1 : 1)),
    failures,
    fromFolder,
    manifest: (digest): SatelliteManifest | null => byDigest.get(digest)?.manifest ?? null,
    load: async (digest) => byDigest.get(digest) ?? null,
  };
}
