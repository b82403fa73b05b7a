import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfiguredManifest, SatelliteManifest } from '@exosphere/satellite-protocol';
import { readManifest, versionPattern } from '@exosphere/satellite-protocol';
import { BundleFailure } from './bundle-failure.ts';

/** What a satellite's package says of itself. */
export interface SatellitePackage {
  readonly manifest: SatelliteManifest | ConfiguredManifest;
  readonly version: string;
}

const versionForm = new RegExp(versionPattern);

/** Null: there is no such file. */
async function textOf(folder: string, name: string): Promise<string | null> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new BundleFailure(folder, [`${name} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`], { cause });
  }
}

/** Null: `package.json` says none. */
function versionOf(folder: string, text: string): string | null {
  let version: unknown;
  try {
    version = (JSON.parse(text) as { version?: unknown } | null)?.version; // read as unknown, checked next
  } catch (cause) {
    throw new BundleFailure(folder, [`package.json is no JSON: ${String(cause)}`], { cause });
  }
  if (version === undefined) return null;
  if (typeof version === 'string' && versionForm.test(version)) return version;
  throw new BundleFailure(folder, [`package.json: found the version ${JSON.stringify(version)}, expected one like 1.0.0`]);
}

/** One version, wherever it is written: two that differ could both be taken for the one that is published. */
function agreedVersion(folder: string, manifest: string | null, npm: string | null): string {
  if (manifest !== null && npm !== null && manifest !== npm) {
    throw new BundleFailure(folder, [
      `package.json has the version ${npm}, satellite.yaml has ${manifest}; take it out of satellite.yaml, or write the same in both`,
    ]);
  }
  const version = npm ?? manifest;
  if (version !== null) return version;
  throw new BundleFailure(folder, [
    'the satellite has no version; write one into satellite.yaml (version: 1.0.0), or into package.json where there is one',
  ]);
}

/**
 * Reads `satellite.yaml` and, where there is one, `package.json` of a folder.
 *
 * @throws BundleFailure
 */
export async function readPackage(folder: string): Promise<SatellitePackage> {
  const [manifestText, packageText] = await Promise.all([textOf(folder, 'satellite.yaml'), textOf(folder, 'package.json')]);
  if (manifestText === null)
    throw new BundleFailure(folder, ['there is no satellite.yaml; a satellite is a folder with its manifest in it']);
  const reading = readManifest(manifestText);
  if ('problems' in reading) {
    const problems = reading.problems.map(
      ({ line, column, at, message }) => `satellite.yaml:${line}:${column}: ${at === '' ? '' : `${at}: `}${message}`,
    );
    throw new BundleFailure(folder, problems);
  }
  const npm = packageText === null ? null : versionOf(folder, packageText);
  return { manifest: reading.manifest, version: agreedVersion(folder, reading.version, npm) };
}
