import { durationPattern } from './duration.ts';
import type { JsonObject } from './json.ts';
import { memoryPattern } from './memory-size.ts';
import { versionPattern } from './version.ts';

const text = { type: 'string', minLength: 1 };
const texts = { type: 'array', items: { type: 'string' } };
const memory = { type: 'string', pattern: memoryPattern, description: 'An amount of memory, as 512MiB or 80GB.' };
const schema = { type: 'object', description: 'A JSON Schema (draft 2020-12).' };
const identifier = {
  type: 'string',
  pattern: '^satellite/[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*$',
  description: 'satellite/project/name, in lower case.',
};

/** As Docker Compose has it, but that without `count` and `device-ids` it is one card, not all of them. */
const gpu = {
  type: 'object',
  additionalProperties: false,
  properties: {
    count: {
      type: ['integer', 'string'],
      minimum: 1,
      pattern: '^all$',
      default: 1,
      description: "A number of cards, or 'all' of the host's that fit; not beside 'device-ids'.",
    },
    driver: { ...text, default: 'nvidia', description: "The container engine's driver for these cards." },
    capabilities: {
      ...texts,
      minItems: 1,
      default: ['gpu'],
      description: 'What the driver must be able to do, all of it: gpu, compute, utility, video, …',
    },
    'min-memory': {
      ...memory,
      description: 'The size that a card is sold as, as 80GiB. It may tell up to 8 % less of itself: an H100 of 80 GiB says 79.6.',
    },
    'device-ids': {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: text,
      description: "These cards and no others, by the driver's ids (GPU-…) or indices. Not beside 'count'.",
    },
    options: { type: 'object', additionalProperties: { type: 'string' }, description: 'Options of the driver: texts by their names.' },
  },
};

const resources = {
  type: 'object',
  additionalProperties: false,
  properties: { cpu: { type: 'number', exclusiveMinimum: 0 }, memory, gpu },
};

const server = {
  type: 'object',
  additionalProperties: false,
  required: ['image', 'port'],
  properties: {
    image: text,
    command: texts,
    port: { type: 'integer', minimum: 1, maximum: 65535 },
    ready: { type: 'string', pattern: '^/', default: '/' },
    volumes: { type: 'array', items: { type: 'string', pattern: '^/' } },
    resources,
  },
};

const isolate = {
  type: 'object',
  additionalProperties: false,
  properties: {
    entry: { ...text, default: 'src/index.ts' },
    memory: { ...memory, default: '64MiB' },
    concurrency: { type: 'integer', minimum: 1, maximum: 1000, default: 250 },
  },
};

const docker = {
  type: 'object',
  additionalProperties: false,
  anyOf: [{ required: ['build'] }, { required: ['image'] }],
  properties: {
    build: text,
    image: text,
    entry: { type: 'string', pattern: '\\.(ts|js|mjs|py)$', description: 'The module with the satellite: .ts, .js, .mjs or .py.' },
    command: texts,
    mode: { enum: ['worker', 'once'], default: 'worker' },
    concurrency: { type: 'integer', minimum: 1, maximum: 1024, default: 8 },
    server,
  },
};

const output = {
  type: 'object',
  additionalProperties: false,
  required: ['cardinality'],
  properties: {
    cardinality: {
      anyOf: [
        { enum: ['one', 'many'] },
        { type: 'object', additionalProperties: false, required: ['config'], properties: { config: text } },
      ],
    },
    text,
    key: text,
    schema,
  },
};

const version = {
  type: 'string',
  pattern: versionPattern,
  description: 'A version, as 1.0.0. Where there is a package.json, its version is the one that counts.',
};

const head = { manifest: { const: 1 }, identifier, title: text, description: text, version };

/** Schema of a `satellite.yaml` with code (kind `exosphere`, `community`, `custom`). */
const codeSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['manifest', 'identifier', 'runtime', 'output'],
  properties: {
    ...head,
    kind: { enum: ['exosphere', 'community', 'custom'], default: 'custom' },
    runtime: { type: 'object', additionalProperties: false, minProperties: 1, maxProperties: 1, properties: { isolate, docker } },
    resources,
    timeout: { type: 'string', pattern: durationPattern, description: 'A duration, as 60s or 5m.' },
    network: {
      type: 'object',
      additionalProperties: false,
      properties: {
        allow: { type: 'array', items: { type: 'string', pattern: '^(\\*|(\\*\\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:[0-9]{1,5})?$' } },
      },
    },
    secrets: { type: 'array', uniqueItems: true, items: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' } },
    config: schema,
    input: schema,
    output,
  },
};

/** Schema of a `satellite.yaml` of kind `configured`. */
const configuredSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['manifest', 'identifier', 'kind', 'from', 'config'],
  properties: {
    ...head,
    kind: { const: 'configured' },
    from: { type: 'string', pattern: '^satellite/[a-z0-9-]+/[a-z0-9-]+@.+$', description: 'satellite/project/name@range.' },
    config: { type: 'object', description: 'The config values that are set in advance.' },
  },
};

/** JSON Schema of a `satellite.yaml`: for editors, and what `readManifest` checks with. */
export const manifestSchema: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Manifest of a satellite',
  type: 'object',
  if: { properties: { kind: { const: 'configured' } }, required: ['kind'] },
  then: configuredSchema,
  else: codeSchema,
};
