import { InternalError } from '@exosphere/model';
import type { JsonObject } from '@exosphere/model';
import type { SatelliteManifest } from '@exosphere/satellite-protocol';
import { isConfigured, manifestFrom } from '@exosphere/satellite-protocol';

const particulars: Readonly<Record<string, JsonObject>> = {
  strict: {
    secrets: ['API_TOKEN', 'API_KEY'],
    config: {
      type: 'object',
      additionalProperties: false,
      required: ['bucket'],
      properties: {
        bucket: { type: 'string', minLength: 1 },
        recursive: { type: 'boolean' },
        mode: { enum: ['fast', 'thorough'] },
        sizes: { type: 'array', items: { type: 'number' } },
        headers: { type: 'object', additionalProperties: { type: 'string' } },
        note: { type: ['string', 'null'] },
      },
    },
    input: {},
    output: { cardinality: 'one' },
  },
  either: {
    config: {},
    input: {
      type: 'object',
      properties: { prompt: { type: 'string' }, messages: { type: 'array' }, format: { enum: ['text', 'json'] }, schema: {} },
      anyOf: [{ required: ['prompt'] }, { required: ['messages'] }],
      if: { required: ['format'], properties: { format: { const: 'json' } } },
      then: { required: ['schema'] },
    },
    output: { cardinality: 'one' },
  },
  script: {
    config: { type: 'object', properties: { returns: { enum: ['one', 'many'] } } },
    input: {},
    output: { cardinality: { config: 'returns' } },
  },
};

/** A satellite that sets a part of its config itself. */
const configured: SatelliteManifest = {
  ...manifest('preset', { config: {}, input: {}, output: { cardinality: 'one' } }),
  kind: 'configured',
  preset: { model: 'small' },
};

/** Test satellites with schemas that refuse things, beside those of the worked examples. */
export const extraManifests: readonly SatelliteManifest[] = [
  ...Object.entries(particulars).map(([name, own]) => manifest(name, own)),
  configured,
];

function manifest(name: string, own: JsonObject): SatelliteManifest {
  const read = manifestFrom({ manifest: 1, identifier: `satellite/test/${name}`, runtime: { isolate: {} }, ...own });
  if ('violations' in read) throw new InternalError(`the manifest of ${name} is wrong: ${JSON.stringify(read.violations)}`);
  if (isConfigured(read.manifest)) throw new InternalError(`the manifest of ${name} has no code`);
  return read.manifest;
}
