import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfiguredManifest, SatelliteManifest } from '@exosphere/satellite-protocol';
import { readManifest } from '@exosphere/satellite-protocol';
import { BundleFailure } from './bundle-failure.ts';

/** What a satellite's package says of itself. */
export interface SatellitePackage {
  readonly manifest: SatelliteManifest | ConfiguredManifest;
  readonly version: string;
}

const versionForm = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

async function textOf(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (cause) {
    throw new BundleFailure(folder, [`${name} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`], { cause });
  }
}

function versionOf(folder: string, text: string): string {
  let version: unknown;
  try {
    version = (JSON.parse(text) as { version?: unknown } | null)?.version; // read as unknown, checked next
  } catch (cause) {
    throw new BundleFailure(folder, [`package.json is no JSON: ${String(cause)}`], { cause });
  }
  if (typeof version === 'string' && versionForm.test(version)) return version;
  throw new BundleFailure(folder, [`package.json: found the version ${JSON.stringify(version)}, expected one like 1.0.0`]);
}

/** Reads `satellite.yaml` and `package.json` of a folder. */
export async function readPackage(folder: string): Promise<SatellitePackage> {
  const [manifestText, packageText] = await Promise.all([textOf(folder, 'satellite.yaml'), textOf(folder, 'package.json')]);
  const reading = readManifest(manifestText);
  if ('problems' in reading) {
    const problems = reading.problems.map(
      ({ line, column, at, message }) => `satellite.yaml:${line}:${column}: ${at === '' ? '' : `${at}: `}${message}`,
    );
    throw new BundleFailure(folder, problems);
  }
  return { manifest: reading.manifest, version: versionOf(folder, packageText) };
}
