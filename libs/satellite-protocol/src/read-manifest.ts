import { gpuFaults } from './gpu-faults.ts';
import type { Json } from './json.ts';
import { isJsonObject } from './json.ts';
import { manifestFaults } from './manifest-faults.ts';
import { manifestSchema } from './manifest-schema.ts';
import type { ManifestProblem } from './manifest-text.ts';
import { parseManifestText, positionOf } from './manifest-text.ts';
import type { ConfiguredManifest, SatelliteManifest } from './manifest.ts';
import { isConfigured, normalManifest } from './normal-manifest.ts';
import { violationsOf } from './schema-compiler.ts';
import type { Violation } from './violation.ts';

/** A manifest, or everything that is wrong with it. */
export type ManifestReading = ReadManifest | { readonly problems: readonly ManifestProblem[] };

/** A manifest, and what its file says beside it. */
export interface ReadManifest {
  readonly manifest: SatelliteManifest | ConfiguredManifest;
  /** Null: the file says none. It is no part of the manifest: the same satellite in another version has the same digest. */
  readonly version: string | null;
}

/** Reads the text of a `satellite.yaml`. Every problem is reported at once, with its place. */
export function readManifest(text: string): ManifestReading {
  const parsed = parseManifestText(text);
  if ('problems' in parsed) return parsed;
  const value: unknown = parsed.document.toJS({ maxAliasCount: 100 });
  const read = manifestFrom(value as Json); // YAML of the core schema gives JSON values only
  if ('manifest' in read) return read;
  return {
    problems: read.violations.map(({ at, message }) => ({
      code: 'manifest-invalid',
      message,
      at,
      ...positionOf(parsed.document, parsed.lines, at),
    })),
  };
}

/** The manifest that plain data (in the shape of `satellite.yaml`) stands for. */
export function manifestFrom(value: Json): ReadManifest | { readonly violations: readonly Violation[] } {
  const violations = violationsOf(manifestSchema, value);
  if (violations.length > 0 || !isJsonObject(value)) return { violations };
  const manifest = normalManifest(value);
  const faults = isConfigured(manifest) ? [] : [...manifestFaults(manifest), ...gpuFaults(value)];
  if (faults.length > 0) return { violations: faults };
  const { version } = value;
  return { manifest, version: typeof version === 'string' ? version : null };
}
