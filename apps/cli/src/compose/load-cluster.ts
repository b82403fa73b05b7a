import type { AppliedSubstitution, Environment } from '@exosphere/cluster';
import type { Diagnostic } from '@exosphere/model';
import { openLocalSatellites } from '@exosphere/satellite-package';
import type { Artifacts } from './artifacts.ts';
import { openArtifacts } from './artifacts.ts';
import type { BuiltCluster, Building } from './build-cluster.ts';
import { buildCluster } from './build-cluster.ts';
import type { ClusterText } from './cluster-family.ts';
import { readFamily } from './cluster-family.ts';
import type { Config } from './config.ts';
import type { EnvironmentFile } from './environment-file.ts';
import { readEnvironmentFile } from './environment-file.ts';
import type { PinImage } from './image-pins.ts';
import { pinningWith, withoutPins } from './image-pins.ts';
import { indexSatellites } from './satellite-index.ts';

/** A cluster file, read with all that it uses. */
export interface LoadedCluster extends BuiltCluster {
  /** As it was given. */
  readonly file: string;
  readonly environment: LoadedEnvironment | null;
  /** The clusters that its steps run, and those that these run. */
  readonly inner: readonly BuiltCluster[];
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
  /** Which entries of the lock count; default: all. `ignore`: none. */
  readonly lock?: Building['lock'];
  /** Asks what image names stand for, by the container engine. Default: nobody is asked. */
  readonly pin?: PinImage;
}

/** Reads a cluster file and those that it runs, resolves and builds what they use, and puts them into their environment. */
export async function loadCluster(
  file: string,
  { config, environment: named, lock = () => true, pin }: LoadOptions,
): Promise<LoadedCluster> {
  const [family, index, local, environmentFile] = await Promise.all([
    readFamily(file, config),
    indexSatellites(config.satelliteFolders),
    openLocalSatellites({ folders: [], cacheFolder: config.cacheFolder }),
    named === null ? null : readEnvironmentFile(named, file, config),
  ]);
  const artifacts = openArtifacts(config.stateFolder);
  const pins = pin === undefined ? withoutPins : pinningWith(pin, environmentFile?.reading.environment ?? null);
  const building: Building = { family, environmentFile, places: { index, local, artifacts, pin: pins }, lock };
  const inner = await buildInner(building);
  const root = await buildCluster(family.root, building, inner);
  const all = [root, ...inner.values()];
  // Where a cluster that it runs is wrong, what the file gives to it cannot be judged.
  const broken = [...inner.values()].filter(({ plan }) => plan === null);
  const diagnostics = [
    ...(environmentFile?.reading.diagnostics ?? []),
    ...(broken.length > 0 && root.plan !== null ? broken : all).flatMap((one) => one.diagnostics),
  ];
  const environment = environmentFile?.reading.environment ?? null;
  return {
    ...root,
    ...(broken.length > 0 ? { plan: null, digest: null } : {}),
    ...{ file, artifacts, inner: [...inner.values()] },
    diagnostics: withoutStrangers(diagnostics, all),
    environment:
      environmentFile === null || environment === null ? null : { ...environmentFile, environment, substitutions: root.substitutions },
  };
}

/** The innermost first. Of clusters that run one another in a circle none is built, and the check of the file says so. */
async function buildInner(building: Building): Promise<ReadonlyMap<string, BuiltCluster>> {
  const { inner } = building.family;
  const built = new Map<string, BuiltCluster>();
  const build = async (identifier: string, member: ClusterText, above: readonly string[]): Promise<void> => {
    for (const name of member.clusters) {
      const below = inner.get(name);
      if (below !== undefined && !built.has(name) && !above.includes(name)) await build(name, below, [...above, name]);
    }
    built.set(identifier, await buildCluster(member, building, built));
  };
  for (const [identifier, member] of inner) if (!built.has(identifier)) await build(identifier, member, [identifier]);
  return built;
}

/** An environment that stands for a satellite of one cluster need not do so for the others. */
function withoutStrangers(diagnostics: readonly Diagnostic[], clusters: readonly BuiltCluster[]): readonly Diagnostic[] {
  const used = new Set(clusters.flatMap(({ uses }) => [...uses.values()].map(({ reference }) => reference)));
  return diagnostics.filter(({ code, found }) => code !== 'unknown-substitute' || typeof found !== 'string' || !used.has(found));
}
