import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readCluster } from '@exosphere/cluster';
import { UsageError } from '../command/usage-error.ts';
import type { Config } from './config.ts';
import { readText } from './read-text.ts';
import { recordingCatalog } from './recording-catalog.ts';
import type { AskedSatellite } from './recording-catalog.ts';

/** A cluster file with what it uses, read a first time. */
export interface ClusterText {
  /** As it was given, or found. */
  readonly file: string;
  readonly text: string;
  readonly satellites: readonly AskedSatellite[];
  /** `project/name` of the clusters that its steps run. */
  readonly clusters: readonly string[];
}

/** A cluster file with all cluster files that it runs, and that they run. */
export interface ClusterFamily {
  readonly root: ClusterText;
  /** By `project/name`. One that is not here was not found. */
  readonly inner: ReadonlyMap<string, ClusterText>;
  /** `project/name` of all that there are, for suggestions. */
  readonly known: readonly string[];
}

/** Reads a cluster file and those that it runs: they lie beside it, or below `clusters/` of the project. */
export async function readFamily(file: string, { projectFolder }: Config): Promise<ClusterFamily> {
  const root = readFirst(file, await readText(file));
  const inner = new Map<string, ClusterText>();
  if (root.clusters.length === 0) return { root, inner, known: [] };
  const files = await indexClusters([dirname(resolve(file)), join(projectFolder, 'clusters')]);
  const wanted = [...root.clusters];
  for (let identifier = wanted.pop(); identifier !== undefined; identifier = wanted.pop()) {
    const path = files.get(identifier);
    if (path === undefined || inner.has(identifier)) continue;
    const found = readFirst(path, await readText(path));
    inner.set(identifier, found);
    wanted.push(...found.clusters);
  }
  return { root, inner, known: [...files.keys()] };
}

/** The cluster that a file speaks of, as far as can be told without what it uses. */
export async function clusterIdentifierIn(file: string): Promise<string> {
  const identifier = identifierOf(await readText(file));
  if (identifier === null) throw new UsageError(`The file '${file}' names no cluster.`);
  return identifier;
}

function readFirst(file: string, text: string): ClusterText {
  const catalog = recordingCatalog();
  readCluster(text, { file, catalog });
  return { file, text, satellites: catalog.asked, clusters: catalog.clusters };
}

function identifierOf(text: string): string | null {
  return /^\s*["']?identifier["']?\s*:\s*["']?(?:cluster\/)?([\w.-]+\/[\w.-]+)/m.exec(text)?.[1] ?? null;
}

/** Cluster files by `project/name`; in the first folder only what lies in it directly. */
async function indexClusters([beside = '.', below = '.']: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const entries = [
    ...(await readdir(below, { withFileTypes: true, recursive: true }).catch(() => [])), // a project may have no such folder
    ...(await readdir(beside, { withFileTypes: true })),
  ];
  const paths = entries
    .filter((entry) => entry.isFile() && /\.(ya?ml|json)$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name));
  const found = new Map<string, string>();
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch(() => ''); // whatever else lies there
    const identifier = /^\s*["']?cluster["']?\s*:/m.test(text) ? identifierOf(text) : null;
    if (identifier !== null) found.set(identifier, path);
  }
  return found;
}
