import { resolve } from 'node:path';
import { isConfigured } from '@exosphere/satellite-protocol';
import { bundleCode } from './bundle-code.ts';
import { BundleFailure } from './bundle-failure.ts';
import { containerArchive } from './container-archive.ts';
import { readPackage } from './package-files.ts';
import { satelliteDigest } from './satellite-digest.ts';
import type { StoredSatellite } from './satellite-store.ts';

/** A satellite's package, ready to be stored, published and run. */
export interface BundledSatellite extends StoredSatellite {
  /** Absolute paths of the code files that went into the bundle. */
  readonly inputs: readonly string[];
}

/**
 * Builds the satellite in a folder (`satellite.yaml`, `package.json` where there is one, source). Reproducible: the same source has the same digest, in
 * whatever folder it lies. Fails with {@link BundleFailure}, which names every problem.
 *
 * A container satellite has no bundle; its digest stands for the manifest and the archive that its image is built of.
 */
export async function bundleSatellite(folder: string): Promise<BundledSatellite> {
  const path = resolve(folder);
  const { manifest, version } = await readPackage(path);
  if (isConfigured(manifest)) {
    throw new BundleFailure(path, [
      'satellite.yaml: a configured satellite has no code; it is resolved against the satellite that it names in `from`',
    ]);
  }
  const reference = manifest.identifier;
  if (manifest.runtime.kind === 'docker') {
    const archive = await containerArchive(path, manifest.runtime);
    return { reference, version, manifest, bundle: null, archive, digest: satelliteDigest(manifest, archive), inputs: [] };
  }
  const { bundle, inputs } = await bundleCode(path, manifest.runtime.entry);
  return { reference, version, manifest, bundle, archive: null, digest: satelliteDigest(manifest, bundle), inputs };
}
