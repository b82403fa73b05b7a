import { createHash } from 'node:crypto';
import type { SatelliteManifest } from '@exosphere/satellite-protocol';
import { canonicalJson } from '@exosphere/satellite-protocol';
import type { Json } from '@exosphere/model';
import type { StoredSatellite } from './satellite-store.ts';

/**
 * The digest of a satellite: over its manifest as it is used and its code. Comments and formatting of the manifest do not count.
 *
 * @param content the bundle of an isolate satellite, the archive that an image is built of; null where the image is named only
 */
export function satelliteDigest(manifest: SatelliteManifest, content: string | Uint8Array | null): string {
  const hash = createHash('sha256');
  const text = canonicalJson(manifest as unknown as Json); // a manifest is plain JSON data by its type
  hash.update(`${Buffer.byteLength(text)}\n${text}\n`);
  if (content !== null) hash.update(content);
  return `sha256:${hash.digest('hex')}`;
}

/** The digest that what is stored really has. */
export function digestOfStored({ manifest, bundle, archive }: StoredSatellite): string {
  return satelliteDigest(manifest, bundle ?? archive);
}
