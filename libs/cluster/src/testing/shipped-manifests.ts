import { readFileSync, readdirSync } from 'node:fs';
import { InternalError } from '@exosphere/model';
import type { SatelliteManifest } from '@exosphere/satellite-protocol';
import { isConfigured, readManifest } from '@exosphere/satellite-protocol';

const root = new URL('../../../../', import.meta.url);

/** The text of a file of the repository. */
export function repositoryFile(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

/** The manifests of the satellites of this repository. */
export function shippedManifests(): readonly SatelliteManifest[] {
  return readdirSync(new URL('satellites/', root)).map((name) => {
    const read = readManifest(repositoryFile(`satellites/${name}/satellite.yaml`));
    if ('problems' in read || isConfigured(read.manifest)) throw new InternalError(`the manifest of ${name} cannot be used`);
    return read.manifest;
  });
}
