import { resolve } from 'node:path';
import type { Catalog, CatalogSatellite } from '@exosphere/cluster';
import { ExosphereError } from '@exosphere/model';
import type { LockedImages } from '@exosphere/model';
import type { LocalSatellites, StoredSatellite } from '@exosphere/satellite-package';
import semver from 'semver';
import type { Artifacts } from './artifacts.ts';
import type { PinImages } from './image-pins.ts';
import type { Lock } from './lock-file.ts';
import type { AskedSatellite } from './recording-catalog.ts';
import { usesText } from './recording-catalog.ts';
import type { IndexedSatellite } from './satellite-index.ts';

/** Where satellites are looked for. */
export interface SatellitePlaces {
  readonly index: readonly IndexedSatellite[];
  readonly local: LocalSatellites;
  readonly artifacts: Artifacts;
  /** What the paths of local packages are relative to. */
  readonly folder: string;
  readonly lock: Lock | null;
  /** For images that the lock says nothing of. */
  readonly pin: PinImages;
}

/** A satellite that was found, with what its image names stand for. */
interface Found {
  readonly satellite: StoredSatellite;
  readonly images: LockedImages | undefined;
}

/** A catalog of what was asked for, all of it at hand. */
export interface ResolvedCatalog extends Catalog {
  /** What each `uses` was resolved to. */
  readonly resolved: ReadonlyMap<string, StoredSatellite>;
  /** What the image names of each stand for. */
  readonly images: ReadonlyMap<string, LockedImages | undefined>;
}

type Resolution = Found | { readonly versions: readonly string[] } | null;

/**
 * Resolves what a cluster asked for: the lock first, then the newest version that fits.
 *
 * @throws ExosphereError `lock-outdated`; BundleFailure where a satellite cannot be built
 */
export async function resolveCatalog(asked: readonly AskedSatellite[], places: SatellitePlaces): Promise<ResolvedCatalog> {
  const answers = new Map<string, Resolution>();
  await Promise.all(asked.map(async (use) => answers.set(usesText(use), await resolveUse(use, places))));
  const found = [...answers].filter((entry): entry is [string, Found] => isFound(entry[1]));
  const byVersion = (reference: string, version: string | null): Found | undefined =>
    found.map(([, one]) => one).find(({ satellite }) => satellite.reference === reference && satellite.version === version);
  return {
    resolved: new Map(found.map(([use, { satellite }]) => [use, satellite])),
    images: new Map(found.map(([use, { images }]) => [use, images])),
    satellite: (reference, range) => {
      const answer = answers.get(usesText({ reference, range })) ?? byVersion(reference, range) ?? null;
      if (answer === null) return 'unknown';
      return isFound(answer) ? catalogEntry(answer) : { unknownVersion: true, versions: answer.versions };
    },
    cluster: () => 'unknown',
    names: () => places.index.map(({ reference }) => reference),
  };
}

function isFound(answer: Resolution): answer is Found {
  return answer !== null && 'satellite' in answer;
}

function catalogEntry({ satellite: { reference, version, digest, manifest }, images }: Found): CatalogSatellite {
  return { reference, version, digest, manifest, ...(images === undefined ? {} : { images }) };
}

async function resolveUse(use: AskedSatellite, places: SatellitePlaces): Promise<Resolution> {
  const found = use.reference.startsWith('.') ? await fromPath(use, places) : await fromIndex(use, places);
  const locked = places.lock?.get(usesText(use));
  if (locked === undefined) return isFound(found) ? { ...found, images: await places.pin(found.satellite) } : found;
  const isSame = isFound(found) && found.satellite.digest === locked.digest;
  const satellite = isSame ? found.satellite : await places.artifacts.load(locked.digest);
  if (satellite !== null) return { satellite, images: await completed(locked.images, satellite, places.pin) };
  throw new ExosphereError(
    'lock-outdated',
    `The lock pins '${usesText(use)}' to ${locked.version} (${locked.digest.slice(0, 19)}…), which is not here: ` +
      `${isFound(found) ? `what lies here is ${found.satellite.version} (${found.satellite.digest.slice(0, 19)}…)` : 'nothing like it is'}. ` +
      `Get that version back, or run: exo lock --update ${use.reference}`,
  );
}

/** A lock that was written while a registry was away may pin one image of two: the other is asked for, and only that. */
async function completed(locked: LockedImages | undefined, satellite: StoredSatellite, pin: PinImages): Promise<LockedImages | undefined> {
  const { runtime } = satellite.manifest;
  if (locked === undefined || runtime.kind !== 'docker') return locked ?? (await pin(satellite));
  const image = locked.satellite === undefined ? runtime.image : null;
  const server = locked.server === undefined ? runtime.server : null;
  const open = { ...satellite, manifest: { ...satellite.manifest, runtime: { ...runtime, image, server } } };
  return { ...(await pin(open)), ...locked };
}

async function fromPath({ reference }: AskedSatellite, { folder, local }: SatellitePlaces): Promise<Resolution> {
  return { satellite: await local.fromFolder(resolve(folder, reference)), images: undefined };
}

async function fromIndex({ reference, range }: AskedSatellite, { index, local }: SatellitePlaces): Promise<Resolution> {
  const candidates = index.filter((satellite) => satellite.reference === reference);
  if (candidates.length === 0) return null;
  const versions = candidates.map(({ version }) => version);
  const best = bestVersion(versions, range);
  const chosen = candidates.find(({ version }) => version === best);
  if (chosen === undefined) return { versions: semver.rsort([...versions]) };
  return { satellite: await local.fromFolder(chosen.folder), images: undefined };
}

/** The newest that fits. A prerelease only where it is asked for exactly. */
function bestVersion(versions: readonly string[], range: string | null): string | null {
  if (range !== null && versions.includes(range)) return range;
  return semver.maxSatisfying([...versions], range ?? '*');
}
