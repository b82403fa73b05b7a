import { createHash } from 'node:crypto';
import { dirname, relative, resolve } from 'node:path';
import type { AppliedSubstitution, ClusterReading, Environment } from '@exosphere/cluster';
import { applyEnvironment, canonicalPlan, readCluster } from '@exosphere/cluster';
import type { Diagnostic, Plan } from '@exosphere/model';
import type { StoredSatellite } from '@exosphere/runtime-isolate';
import { openLocalSatellites } from '@exosphere/runtime-isolate';
import type { Artifacts } from './artifacts.ts';
import { openArtifacts } from './artifacts.ts';
import type { ResolvedCatalog } from './catalog.ts';
import { resolveCatalog } from './catalog.ts';
import type { Config } from './config.ts';
import type { EnvironmentFile } from './environment-file.ts';
import { readEnvironmentFile } from './environment-file.ts';
import type { Lock } from './lock-file.ts';
import { readLock } from './lock-file.ts';
import { UsageError } from '../command/usage-error.ts';
import { readText } from './read-text.ts';
import { recordingCatalog, usesText } from './recording-catalog.ts';
import type { AskedSatellite } from './recording-catalog.ts';
import { indexSatellites } from './satellite-index.ts';

/** A cluster file, read with all that it uses. */
export interface LoadedCluster {
  /** As it was given. */
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
  /** In the environment, if there is one; null where there is an error. */
  readonly plan: Plan | null;
  /** `sha256:…` of the plan. */
  readonly digest: string | null;
  /** Without the values of secrets. */
  readonly source: string | null;
  readonly literalSecrets: Readonly<Record<string, string>>;
  readonly environment: LoadedEnvironment | null;
  /** What each `uses` of the cluster file stands for. */
  readonly uses: ReadonlyMap<string, StoredSatellite>;
  /** What the plan runs. */
  readonly satellites: readonly StoredSatellite[];
  readonly artifacts: Artifacts;
}

export interface LoadedEnvironment extends EnvironmentFile {
  readonly environment: Environment;
  readonly substitutions: readonly AppliedSubstitution[];
}

export interface LoadOptions {
  readonly config: Config;
  /** Name or path; null: none. */
  readonly environment: string | null;
  /** `ignore`: for `exo lock`, which makes a new one; or what of it is to be resolved anew. */
  readonly lock?: 'ignore' | ((uses: string) => boolean);
}

/** Reads a cluster file, resolves and builds what it uses, and puts it into its environment. */
export async function loadCluster(file: string, options: LoadOptions): Promise<LoadedCluster> {
  const { config } = options;
  const [text, lock, index, environmentFile] = await Promise.all([
    readText(file),
    lockOf(file, options),
    indexSatellites(config.satelliteFolders),
    options.environment === null ? null : readEnvironmentFile(options.environment, file, config),
  ]);
  const first = recordingCatalog();
  readCluster(text, { file, catalog: first });
  const asked = first.asked;
  const artifacts = openArtifacts(config.stateFolder);
  const local = await openLocalSatellites({ folders: [], cacheFolder: config.cacheFolder });
  const substitutes = substitutesOf(environmentFile);
  const places = { index, local, artifacts, folder: dirname(resolve(file)), lock };
  const catalog = await resolveCatalog([...asked, ...substitutes], places);
  const reading = readCluster(text, { file: shownPath(file), catalog });
  return assemble({ file, reading, environmentFile, catalog, asked, artifacts });
}

async function lockOf(file: string, { lock }: LoadOptions): Promise<Lock | null> {
  if (lock === 'ignore') return null;
  const read = await readLock(file);
  return read === null || lock === undefined ? read : new Map([...read].filter(([uses]) => lock(uses)));
}

/** As diagnostics name it. */
function shownPath(file: string): string {
  const path = relative(process.cwd(), resolve(file));
  return path.startsWith('..') ? file : path;
}

function substitutesOf(file: EnvironmentFile | null): readonly AskedSatellite[] {
  return Object.values(file?.reading.environment?.satellites ?? {}).map(({ uses }) => askedBy(uses));
}

/** The environment's `uses` is checked when it is applied; here it is only looked up. */
function askedBy(uses: string): AskedSatellite {
  if (uses.startsWith('.')) return { reference: uses, range: null };
  const [name = '', range] = uses.split(/@(.*)/s);
  return { reference: name.startsWith('satellite/') ? name : `satellite/${name}`, range: range ?? null };
}

interface Parts {
  readonly file: string;
  readonly reading: ClusterReading;
  readonly environmentFile: EnvironmentFile | null;
  readonly catalog: ResolvedCatalog;
  readonly asked: readonly AskedSatellite[];
  readonly artifacts: Artifacts;
}

function assemble({ file, reading, environmentFile, catalog, asked, artifacts }: Parts): LoadedCluster {
  const environment = environmentFile?.reading.environment ?? null;
  const applied =
    reading.plan === null || environment === null
      ? null
      : applyEnvironment(reading.plan, environment, { catalog, file: environmentFile?.shown ?? null });
  const plan = environmentFile === null ? reading.plan : (applied?.plan ?? null);
  const diagnostics = [...reading.diagnostics, ...(environmentFile?.reading.diagnostics ?? []), ...(applied?.diagnostics ?? [])];
  const uses = new Map(asked.flatMap((use) => entryOf(catalog, use)));
  return {
    ...{ file, diagnostics, plan, artifacts, uses, source: reading.source, literalSecrets: reading.literalSecrets },
    digest: plan === null ? null : digestOf(plan),
    environment:
      environmentFile === null || environment === null
        ? null
        : { ...environmentFile, environment, substitutions: applied?.substitutions ?? [] },
    satellites: plan === null ? [] : satellitesOf(plan, catalog),
  };
}

function entryOf({ resolved }: ResolvedCatalog, use: AskedSatellite): readonly (readonly [string, StoredSatellite])[] {
  const satellite = resolved.get(usesText(use));
  return satellite === undefined ? [] : [[usesText(use), satellite]];
}

function digestOf(plan: Plan): string {
  return `sha256:${createHash('sha256').update(canonicalPlan(plan)).digest('hex')}`;
}

function satellitesOf(plan: Plan, { resolved }: ResolvedCatalog): readonly StoredSatellite[] {
  const steps = [...plan.steps, ...(plan.failure?.steps ?? []), ...plan.logs];
  const digests = new Set(steps.map(({ satellite }) => satellite.digest));
  const unique = new Map([...resolved.values()].map((satellite) => [satellite.digest, satellite]));
  return [...unique.values()].filter(({ digest }) => digests.has(digest));
}

/** The cluster that a file speaks of, as far as can be told without what it uses. */
export async function clusterIdentifierIn(file: string): Promise<string> {
  const identifier = /^\s*["']?identifier["']?\s*:\s*["']?(?:cluster\/)?([\w.-]+\/[\w.-]+)/m.exec(await readText(file))?.[1];
  if (identifier === undefined) throw new UsageError(`The file '${file}' names no cluster.`);
  return identifier;
}
