import type { Json, JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';
import type { ConfiguredManifest, SatelliteManifest } from './manifest.ts';

/** The manifest of a configured satellite: the base's, with the preset keys taken out of the config that a step may give. */
export function resolveConfigured(configured: ConfiguredManifest, base: SatelliteManifest): SatelliteManifest {
  return {
    ...base,
    identifier: configured.identifier,
    title: configured.title ?? base.title,
    description: configured.description ?? base.description,
    kind: 'configured',
    config: withoutKeys(base.config, Object.keys(configured.preset)),
    preset: { ...base.preset, ...configured.preset },
  };
}

function withoutKeys(schema: JsonObject, keys: readonly string[]): JsonObject {
  const { properties, required, ...rest } = schema;
  const kept: Record<string, Json> = { ...rest };
  if (isJsonObject(properties)) {
    kept['properties'] = Object.fromEntries(Object.entries(properties).filter(([key]) => !keys.includes(key)));
  }
  if (Array.isArray(required)) {
    kept['required'] = required.filter((key) => typeof key !== 'string' || !keys.includes(key));
  }
  return kept;
}
