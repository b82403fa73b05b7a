import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { BundledSatellite } from './bundle-satellite.ts';
import { satelliteDigest } from './satellite-digest.ts';

/** Raised when the way of building changes, so that old entries are not found. */
const format = 3;

/** What was built, and what it was built of: an entry counts as long as each of these files is what it was. */
interface Entry {
  /** Null: there was no such file. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly satellite: BundledSatellite;
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

async function hashOfFile(path: string): Promise<string | null> {
  try {
    return hashOf(await readFile(path));
  } catch {
    return null; // it is gone, so it is not what it was
  }
}

function entryPath(cacheFolder: string, folder: string): string {
  return join(cacheFolder, 'bundles', `${hashOf(`${format}\n${resolve(folder)}`).slice(0, 32)}.json`);
}

/** The satellite of a folder as it was built before, if nothing that it was built of has changed since. */
export async function cachedBundle(cacheFolder: string, folder: string): Promise<BundledSatellite | null> {
  let entry: Entry;
  try {
    entry = JSON.parse(await readFile(entryPath(cacheFolder, folder), 'utf8')) as Entry; // our own file; its digest is checked below
  } catch {
    return null; // none, or half of one: it is built anew
  }
  const { satellite, files } = entry;
  const same = await Promise.all(Object.entries(files).map(async ([path, hash]) => (await hashOfFile(resolve(folder, path))) === hash));
  if (same.includes(false) || satellite.bundle === null) return null;
  return satelliteDigest(satellite.manifest, satellite.bundle) === satellite.digest ? satellite : null;
}

/** Keeps what was built. Written beside and renamed: two processes may build at the same time. */
export async function keepBundle(cacheFolder: string, folder: string, satellite: BundledSatellite): Promise<void> {
  if (satellite.bundle === null) return;
  const files: Record<string, string | null> = {};
  for (const path of [join(folder, 'satellite.yaml'), join(folder, 'package.json'), ...satellite.inputs]) {
    files[relative(folder, path)] = await hashOfFile(path);
  }
  const path = entryPath(cacheFolder, folder);
  await mkdir(join(cacheFolder, 'bundles'), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, JSON.stringify({ files, satellite } satisfies Entry));
  await rename(temporary, path);
}
