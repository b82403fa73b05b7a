import { resolve } from 'node:path';
import type { SatelliteManifest } from '@exosphere/satellite-protocol';
import { isConfigured } from '@exosphere/satellite-protocol';
import { bundleCode } from './bundle-code.ts';
import { BundleFailure } from './bundle-failure.ts';
import { folderContent } from './folder-content.ts';
import { readPackage } from './package-files.ts';
import { satelliteDigest } from './satellite-digest.ts';

/** A satellite's package, ready to be stored, published and run. */
export interface BundledSatellite {
  readonly reference: string;
  readonly version: string;
  readonly manifest: SatelliteManifest;
  /** One script, for `runtime-isolate`; null where the satellite runs in a container. */
  readonly bundle: string | null;
  readonly digest: string;
  /** Absolute paths of the code files that went into the bundle. */
  readonly inputs: readonly string[];
}

/**
 * Builds the satellite in a folder (`satellite.yaml`, `package.json`, source). Reproducible: the same source has the same digest, in
 * whatever folder it lies. Fails with {@link BundleFailure}, which names every problem.
 *
 * A container satellite has no bundle; its digest stands for the manifest and all files of its folder.
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
    const digest = satelliteDigest(manifest, await folderContent(path));
    return { reference, version, manifest, bundle: null, digest, inputs: [] };
  }
  const { bundle, inputs } = await bundleCode(path, manifest.runtime.entry);
  return { reference, version, manifest, bundle, digest: satelliteDigest(manifest, bundle), inputs };
}
