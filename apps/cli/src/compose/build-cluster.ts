import { createHash } from 'node:crypto';
import { dirname, relative, resolve } from 'node:path';
import type { AppliedSubstitution, CatalogCluster } from '@exosphere/cluster';
import { applyEnvironment, canonicalPlan, readCluster } from '@exosphere/cluster';
import type { Diagnostic, LockedImages, Plan } from '@exosphere/model';
import type { StoredSatellite } from '@exosphere/satellite-package';
import type { ResolvedCatalog, SatellitePlaces } from './catalog.ts';
import { resolveCatalog } from './catalog.ts';
import type { ClusterFamily, ClusterText } from './cluster-family.ts';
import type { EnvironmentFile } from './environment-file.ts';
import { readLock } from './lock-file.ts';
import type { Lock } from './lock-file.ts';
import { usesText } from './recording-catalog.ts';
import type { AskedSatellite } from './recording-catalog.ts';

/** A cluster file, read with all that it uses. */
export interface BuiltCluster {
  readonly diagnostics: readonly Diagnostic[];
  /** In the environment, if there is one; null where there is an error. */
  readonly plan: Plan | null;
  /** `sha256:…` of the plan. */
  readonly digest: string | null;
  /** Without the values of secrets. */
  readonly source: string | null;
  readonly literalSecrets: Readonly<Record<string, string>>;
  readonly substitutions: readonly AppliedSubstitution[];
  /** What each `uses` of a satellite in the file stands for. */
  readonly uses: ReadonlyMap<string, StoredSatellite>;
  /** What the image names of each stand for. */
  readonly images: ReadonlyMap<string, LockedImages | undefined>;
  /** The satellites that the plan runs. */
  readonly satellites: readonly StoredSatellite[];
}

/** What clusters are built with. */
export interface Building {
  readonly family: ClusterFamily;
  readonly environmentFile: EnvironmentFile | null;
  readonly places: Omit<SatellitePlaces, 'folder' | 'lock'>;
  /** Which entries of a lock count; `ignore`: none. */
  readonly lock: 'ignore' | ((uses: string) => boolean);
}

/** Builds a cluster. Those that it runs must be among the built ones; one that is not is taken as wrong, and the check says why. */
export async function buildCluster(
  member: ClusterText,
  building: Building,
  built: ReadonlyMap<string, BuiltCluster>,
): Promise<BuiltCluster> {
  const { environmentFile, family } = building;
  const substitutes = Object.values(environmentFile?.reading.environment?.satellites ?? {}).map(({ uses }) => askedBy(uses));
  const places: SatellitePlaces = { ...building.places, folder: dirname(resolve(member.file)), lock: await lockOf(member.file, building) };
  const satellites = await resolveCatalog([...member.satellites, ...substitutes], places);
  const catalog: ResolvedCatalog = {
    ...satellites,
    cluster: (identifier) => catalogCluster(identifier, family, built),
    names: () => [...satellites.names(), ...family.known.map((identifier) => `cluster/${identifier}`)],
  };
  const reading = readCluster(member.text, { file: shownPath(member.file), catalog });
  const environment = environmentFile?.reading.environment ?? null;
  const applied =
    reading.plan === null || environment === null
      ? null
      : applyEnvironment(reading.plan, environment, { catalog, file: environmentFile?.shown ?? null });
  const plan = environmentFile === null ? reading.plan : (applied?.plan ?? null);
  return {
    diagnostics: [...reading.diagnostics, ...(applied?.diagnostics ?? [])],
    plan,
    digest: plan === null ? null : `sha256:${createHash('sha256').update(canonicalPlan(plan)).digest('hex')}`,
    source: reading.source,
    literalSecrets: reading.literalSecrets,
    substitutions: applied?.substitutions ?? [],
    images: catalog.images,
    uses: new Map(member.satellites.flatMap((use) => entryOf(catalog, use))),
    satellites: plan === null ? [] : satellitesOf(plan, catalog),
  };
}

async function lockOf(file: string, { lock }: Building): Promise<Lock | null> {
  if (lock === 'ignore') return null;
  const read = await readLock(file);
  return read === null ? null : new Map([...read].filter(([uses]) => lock(uses)));
}

function catalogCluster(
  identifier: string,
  { inner }: ClusterFamily,
  built: ReadonlyMap<string, BuiltCluster>,
): CatalogCluster | 'unknown' {
  const member = inner.get(identifier);
  if (member === undefined) return 'unknown';
  const { plan = null, digest = null } = built.get(identifier) ?? {};
  const known = digest ?? `sha256:${'0'.repeat(64)}`;
  return {
    identifier,
    version: known.slice('sha256:'.length, 'sha256:'.length + 12),
    digest: known,
    slaMs: plan?.slaMs ?? 0,
    inputs: plan?.inputs ?? {},
    uses: member.clusters,
  };
}

/** As diagnostics name it. */
function shownPath(file: string): string {
  const path = relative(process.cwd(), resolve(file));
  return path.startsWith('..') ? file : path;
}

/** The environment's `uses` is checked when it is applied; here it is only looked up. */
function askedBy(uses: string): AskedSatellite {
  if (uses.startsWith('.')) return { reference: uses, range: null };
  const [name = '', range] = uses.split(/@(.*)/s);
  return { reference: name.startsWith('satellite/') ? name : `satellite/${name}`, range: range ?? null };
}

function entryOf({ resolved }: ResolvedCatalog, use: AskedSatellite): readonly (readonly [string, StoredSatellite])[] {
  const satellite = resolved.get(usesText(use));
  return satellite === undefined ? [] : [[usesText(use), satellite]];
}

function satellitesOf(plan: Plan, { resolved }: ResolvedCatalog): readonly StoredSatellite[] {
  const steps = [...plan.steps, ...(plan.failure?.steps ?? []), ...plan.logs];
  const digests = new Set(steps.map(({ satellite }) => satellite.digest));
  const unique = new Map([...resolved.values()].map((satellite) => [satellite.digest, satellite]));
  return [...unique.values()].filter(({ digest }) => digests.has(digest));
}
