import { createHash } from 'node:crypto';
import type { SatelliteManifest } from '@exosphere/satellite-protocol';
import { canonicalJson } from '@exosphere/satellite-protocol';
import type { Json } from '@exosphere/model';

/**
 * The digest of a satellite: over its manifest as it is used and its bundle. Comments and formatting of the manifest do not count.
 *
 * @param content the bundle of an isolate satellite; of a container one what stands for its image
 */
export function satelliteDigest(manifest: SatelliteManifest, content: string): string {
  const hash = createHash('sha256');
  const text = canonicalJson(manifest as unknown as Json); // a manifest is plain JSON data by its type
  hash.update(`${Buffer.byteLength(text)}\n${text}\n${content}`);
  return `sha256:${hash.digest('hex')}`;
}
