import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A satellite that lies in a folder, as far as a look at its files tells. */
export interface IndexedSatellite {
  /** `satellite/project/name`. */
  readonly reference: string;
  readonly version: string;
  readonly folder: string;
}

const identifierLine = /^["']?identifier["']?\s*:\s*["']?([^\s"'#]+)/m;

/** What lies in the folders, each like `satellites/`. Nothing is built or checked yet: of many satellites a cluster uses a few. */
export async function indexSatellites(folders: readonly string[]): Promise<readonly IndexedSatellite[]> {
  const found = await Promise.all(folders.map(indexFolder));
  return found.flat().sort((a, b) => (a.reference < b.reference ? -1 : 1));
}

async function indexFolder(folder: string): Promise<readonly IndexedSatellite[]> {
  const names = await readdir(folder).catch(() => []); // a project may have no satellites of its own
  const found = await Promise.all(names.map((name) => lookAt(join(folder, name))));
  return found.filter((satellite) => satellite !== null);
}

async function lookAt(folder: string): Promise<IndexedSatellite | null> {
  try {
    const [manifest, manifestOfNpm] = await Promise.all([
      readFile(join(folder, 'satellite.yaml'), 'utf8'),
      readFile(join(folder, 'package.json'), 'utf8'),
    ]);
    const reference = identifierLine.exec(manifest)?.[1];
    const version = /"version"\s*:\s*"([^"]+)"/.exec(manifestOfNpm)?.[1];
    return reference === undefined || version === undefined ? null : { reference, version, folder };
  } catch {
    return null; // no satellite; one that is broken is reported when a cluster uses it by its path, and by exo doctor
  }
}
