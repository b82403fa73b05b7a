import type { JsonObject } from './json.ts';
import type { SatelliteManifest } from './manifest.ts';

/** How many objects a step with this config gives. `config` holds literal values only: a template cannot decide it. */
export function cardinalityOf(manifest: Pick<SatelliteManifest, 'output' | 'preset'>, config: JsonObject): 'one' | 'many' {
  const { cardinality } = manifest.output;
  if (typeof cardinality === 'string') return cardinality;
  return (manifest.preset[cardinality.config] ?? config[cardinality.config]) === 'many' ? 'many' : 'one';
}
