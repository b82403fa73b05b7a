import { resolve } from 'node:path';
import type { Catalog, CatalogSatellite } from '@exosphere/cluster';
import { ExosphereError } from '@exosphere/model';
import type { LocalSatellites, StoredSatellite } from '@exosphere/satellite-package';
import semver from 'semver';
import type { Artifacts } from './artifacts.ts';
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
}

/** A catalog of what was asked for, all of it at hand. */
export interface ResolvedCatalog extends Catalog {
  /** What each `uses` was resolved to. */
  readonly resolved: ReadonlyMap<string, StoredSatellite>;
}

type Resolution = StoredSatellite | { readonly versions: readonly string[] } | null;

/**
 * Resolves what a cluster asked for: the lock first, then the newest version that fits.
 *
 * @throws ExosphereError `lock-outdated`; BundleFailure where a satellite cannot be built
 */
export async function resolveCatalog(asked: readonly AskedSatellite[], places: SatellitePlaces): Promise<ResolvedCatalog> {
  const answers = new Map<string, Resolution>();
  await Promise.all(asked.map(async (use) => answers.set(usesText(use), await resolveUse(use, places))));
  const resolved = new Map([...answers].filter((entry): entry is [string, StoredSatellite] => isStored(entry[1])));
  const byDigest = (reference: string, version: string | null): StoredSatellite | undefined =>
    [...resolved.values()].find((satellite) => satellite.reference === reference && satellite.version === version);
  return {
    resolved,
    satellite: (reference, range) => {
      const answer = answers.get(usesText({ reference, range })) ?? byDigest(reference, range) ?? null;
      if (answer === null) return 'unknown';
      return isStored(answer) ? catalogEntry(answer) : { unknownVersion: true, versions: answer.versions };
    },
    cluster: () => 'unknown',
    names: () => places.index.map(({ reference }) => reference),
  };
}

function isStored(answer: Resolution): answer is StoredSatellite {
  return answer !== null && 'digest' in answer;
}

function catalogEntry({ reference, version, digest, manifest }: StoredSatellite): CatalogSatellite {
  return { reference, version, digest, manifest };
}

async function resolveUse(use: AskedSatellite, places: SatellitePlaces): Promise<Resolution> {
  const found = use.reference.startsWith('.') ? await fromPath(use, places) : await fromIndex(use, places);
  const locked = places.lock?.get(usesText(use));
  if (locked === undefined || (isStored(found) && found.digest === locked.digest)) return found;
  const kept = await places.artifacts.load(locked.digest);
  if (kept !== null) return kept;
  throw new ExosphereError(
    'lock-outdated',
    `The lock pins '${usesText(use)}' to ${locked.version} (${locked.digest.slice(0, 19)}…), which is not here: ` +
      `${isStored(found) ? `what lies here is ${found.version} (${found.digest.slice(0, 19)}…)` : 'nothing like it is'}. ` +
      `Get that version back, or run: exo lock --update ${use.reference}`,
  );
}

async function fromPath({ reference }: AskedSatellite, { folder, local }: SatellitePlaces): Promise<Resolution> {
  const satellite = await local.fromFolder(resolve(folder, reference));
  return satellite;
}

async function fromIndex({ reference, range }: AskedSatellite, { index, local }: SatellitePlaces): Promise<Resolution> {
  const candidates = index.filter((satellite) => satellite.reference === reference);
  if (candidates.length === 0) return null;
  const versions = candidates.map(({ version }) => version);
  const best = bestVersion(versions, range);
  const chosen = candidates.find(({ version }) => version === best);
  return chosen === undefined ? { versions: semver.rsort([...versions]) } : local.fromFolder(chosen.folder);
}

/** The newest that fits. A prerelease only where it is asked for exactly. */
function bestVersion(versions: readonly string[], range: string | null): string | null {
  if (range !== null && versions.includes(range)) return range;
  return semver.maxSatisfying([...versions], range ?? '*');
}
