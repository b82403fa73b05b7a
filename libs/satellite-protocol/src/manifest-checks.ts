import type { SatelliteManifest } from './manifest.ts';
import type { Check } from './schema-compiler.ts';
import { checkOf } from './schema-compiler.ts';

/** Checks of what goes into a satellite and what comes out of it. */
export interface ManifestChecks {
  readonly config: Check;
  readonly input: Check;
  /** Of one object of the output. */
  readonly output: Check;
}

const compiled = new WeakMap<object, ManifestChecks>();

/**
 * The checks of a manifest, compiled once for each manifest object. Schemas that `readManifest` accepted always compile.
 *
 * A violation of `anyOf` and the like names the outermost rule that failed.
 */
export function compileManifestChecks(manifest: Pick<SatelliteManifest, 'config' | 'input' | 'output'>): ManifestChecks {
  const known = compiled.get(manifest);
  if (known !== undefined) return known;
  const checks: ManifestChecks = {
    config: checkOf(manifest.config),
    input: checkOf(manifest.input),
    output: checkOf(manifest.output.schema),
  };
  compiled.set(manifest, checks);
  return checks;
}
