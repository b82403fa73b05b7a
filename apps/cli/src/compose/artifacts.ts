import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExosphereError } from '@exosphere/model';
import type { Plan } from '@exosphere/model';
import type { SatelliteStore, StoredSatellite } from '@exosphere/satellite-package';

/** Satellites, and the plans of clusters that are steps, by digest in the state folder: what a run was begun with is there for its retry, whatever became of the source. */
export interface Artifacts extends SatelliteStore {
  keep(satellite: StoredSatellite): Promise<void>;
  /** The plan of a cluster that is a step; null: it is not there. */
  plan(digest: string): Promise<Plan | null>;
  keepPlan(digest: string, plan: Plan): Promise<void>;
}

export function openArtifacts(stateFolder: string): Artifacts {
  const folder = join(stateFolder, 'artifacts');
  const known = new Map<string, StoredSatellite>();
  const pathOf = (digest: string): string => join(folder, `${digest.replace(':', '-')}.json`);
  return {
    manifest: (digest) => known.get(digest)?.manifest ?? null,
    load: async (digest) => {
      const stored = known.get(digest) ?? storedOf(await readJson<KeptSatellite>(pathOf(digest)));
      if (stored !== null) known.set(digest, stored);
      return stored;
    },
    keep: async (satellite) => {
      if (!known.has(satellite.digest)) await writeArtifact(folder, pathOf(satellite.digest), keptOf(satellite));
      known.set(satellite.digest, satellite);
    },
    plan: (digest) => readJson<Plan>(pathOf(digest)),
    keepPlan: (digest, plan) => writeArtifact(folder, pathOf(digest), plan),
  };
}

/** As it lies in its file: the archive in base64. */
type KeptSatellite = Omit<StoredSatellite, 'archive'> & { readonly archive: string | null };

function keptOf({ reference, version, digest, manifest, bundle, archive }: StoredSatellite): KeptSatellite {
  const text = archive === null ? null : Buffer.from(archive).toString('base64');
  return { reference, version, digest, manifest, bundle, archive: text };
}

function storedOf(kept: KeptSatellite | null): StoredSatellite | null {
  if (kept === null) return null;
  return { ...kept, archive: kept.archive === null ? null : Buffer.from(kept.archive, 'base64') };
}

/** The runtime checks the digest before anything of it runs. */
async function readJson<T>(path: string): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return null; // `satellite-missing` says what to do
  }
  try {
    return JSON.parse(text) as T; // written by writeArtifact
  } catch (cause) {
    throw new ExosphereError('digest-mismatch', `The file '${path}' is damaged. Delete it, then run the cluster again.`, { cause });
  }
}

/** Written beside and renamed: two processes may keep the same satellite at the same time. */
async function writeArtifact(folder: string, path: string, content: KeptSatellite | Plan): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => null)) !== null) return;
  await mkdir(folder, { recursive: true });
  const temporary = `${path}.${randomUUID()}.tmp`;
  await writeFile(temporary, JSON.stringify(content));
  await rename(temporary, path);
}
