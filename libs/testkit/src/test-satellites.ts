import type { Json, JsonObject } from '@exosphere/model';
import { InternalError, isJsonObject } from '@exosphere/model';
import type { SatelliteManifest } from '@exosphere/satellite-protocol';
import { isConfigured, manifestFrom } from '@exosphere/satellite-protocol';

/** What tells the test satellites apart; their schemas are open but for what stands here. */
const particulars: Readonly<Record<string, JsonObject>> = {
  'test/list': { output: { cardinality: 'many' } },
  'test/split': { input: { type: 'object', required: ['parts'] }, output: { cardinality: 'many' } },
  'test/echo': { output: { cardinality: 'one' } },
  'test/sum': { output: { cardinality: 'one' } },
  'test/fail': { config: { type: 'object', properties: { retryable: { type: 'boolean' } } }, output: { cardinality: 'one' } },
  'test/empty': { output: { cardinality: 'many' } },
};

/** The manifests of the worked examples' test satellites: list, split, echo, sum, fail, empty (project `test`). */
export const testCatalogManifests: readonly SatelliteManifest[] = manifestsWith({});

/**
 * The test manifests with what one example adds to them: `{'test/echo': {output: {text: 'path'}}}`. The keys of `output` are added,
 * a schema takes the place of the one there was.
 */
export function manifestsWith(additions: Readonly<Record<string, JsonObject>>): readonly SatelliteManifest[] {
  const stranger = Object.keys(additions).find((name) => !Object.hasOwn(particulars, name));
  if (stranger !== undefined) throw new InternalError(`there is no test satellite '${stranger}'`);
  return Object.entries(particulars).map(([name, base]) => testManifest(name, base, additions[name] ?? {}));
}

function testManifest(name: string, base: JsonObject, addition: JsonObject): SatelliteManifest {
  const output: Json = { ...asObject(base['output']), ...asObject(addition['output']) };
  const source = {
    manifest: 1,
    identifier: `satellite/${name}`,
    runtime: { isolate: {} },
    config: {},
    input: {},
    ...base,
    ...addition,
    output,
  };
  const read = manifestFrom(source);
  if ('violations' in read) throw new InternalError(`the manifest of ${name} is wrong: ${JSON.stringify(read.violations)}`);
  if (isConfigured(read.manifest)) throw new InternalError(`the manifest of ${name} has no code`);
  return read.manifest;
}

function asObject(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
