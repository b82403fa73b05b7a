import { readFile, writeFile } from 'node:fs/promises';
import { ExosphereError, isJsonObject } from '@exosphere/model';
import type { Json, JsonObject, LockedImages } from '@exosphere/model';

/** One `uses`, resolved. */
export interface LockedUse {
  readonly version: string;
  /** `sha256:…` */
  readonly digest: string;
  /** What the image names in its manifest stand for. */
  readonly images?: LockedImages;
}

/** The lock beside a cluster file: what each `uses` of it stands for, by its text. */
export type Lock = ReadonlyMap<string, LockedUse>;

/** `cluster.yml.lock` */
export function lockPath(file: string): string {
  return `${file}.lock`;
}

/**
 * Null: there is none.
 *
 * @throws ExosphereError `lock-invalid`
 */
export async function readLock(file: string): Promise<Lock | null> {
  const path = lockPath(file);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw invalid(path, String(error));
  });
  if (text === null) return null;
  let read: Json;
  try {
    read = JSON.parse(text) as Json; // JSON.parse gives JSON
  } catch (error) {
    throw invalid(path, error instanceof Error ? error.message : String(error));
  }
  const uses = isJsonObject(read) && read['lock'] === 1 ? read['uses'] : undefined;
  if (!isJsonObject(uses)) throw invalid(path, 'expected {"lock": 1, "uses": {…}}');
  return new Map(Object.entries(uses).map(([name, use]) => [name, lockedUse(path, name, use)]));
}

function lockedUse(path: string, name: string, use: Json): LockedUse {
  const { version, digest, images } = isJsonObject(use) ? use : {};
  if (typeof version !== 'string' || typeof digest !== 'string') throw invalid(path, `'${name}' has no version and digest`);
  return { version, digest, ...(isJsonObject(images) ? { images: imagesOf(path, name, images) } : {}) };
}

function imagesOf(path: string, name: string, images: JsonObject): LockedImages {
  const { satellite, server } = images;
  for (const image of [satellite, server]) {
    if (image !== undefined && typeof image !== 'string') throw invalid(path, `an image of '${name}' is no text`);
  }
  return images; // both are texts, or not there
}

export async function writeLock(file: string, lock: Lock): Promise<void> {
  const uses = Object.fromEntries([...lock].sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(lockPath(file), `${JSON.stringify({ lock: 1, uses }, null, 2)}\n`);
}

function invalid(path: string, why: string): ExosphereError {
  return new ExosphereError('lock-invalid', `The lock '${path}' cannot be read: ${why}. Write it anew with exo lock.`);
}
