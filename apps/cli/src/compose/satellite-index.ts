import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import semver from 'semver';

/** A satellite that lies in a folder, as far as a look at its files tells. */
export interface IndexedSatellite {
  /** `satellite/project/name`. */
  readonly reference: string;
  readonly version: string;
  readonly folder: string;
}

const identifierLine = /^["']?identifier["']?\s*:\s*["']?([^\s"'#]+)/m;
const versionLine = /^["']?version["']?\s*:\s*["']?([^\s"'#]+)/m;
const versionInJson = /"version"\s*:\s*"([^"]+)"/;
/** One without a version, or with a wrong one, can be found: building it says what to do. */
const noVersion = '0.0.0';

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
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8').catch(() => ''); // no satellite, or one without npm
  const [manifest, manifestOfNpm] = await Promise.all([read('satellite.yaml'), read('package.json')]);
  const reference = identifierLine.exec(manifest)?.[1];
  if (reference === undefined) return null;
  const version = versionInJson.exec(manifestOfNpm)?.[1] ?? versionLine.exec(manifest)?.[1] ?? noVersion;
  return { reference, version: semver.valid(version) === null ? noVersion : version, folder };
}
