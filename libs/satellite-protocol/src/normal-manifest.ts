import { durationMs } from './duration.ts';
import type { Json, JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';
import type {
  ConfiguredManifest,
  DockerNeeds,
  GpuNeeds,
  OutputDeclaration,
  Resources,
  SatelliteManifest,
  SatelliteRuntimeNeeds,
  ServerNeeds,
} from './manifest.ts';
import { memoryBytes } from './memory-size.ts';

/*
 * From the shape of the file to the shape that is used. What comes here has passed `manifestSchema`: the casts state what that
 * schema proved.
 */

const noResources: Resources = { cpu: null, memoryBytes: null, gpu: null };
const defaultIsolateMemory = 64 * 2 ** 20;

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function textsOf(value: Json | undefined): readonly string[] | null {
  return Array.isArray(value) ? (value as string[]) : null; // lists of texts by the schema
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function numberOf(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function bytesOf(value: Json | undefined): number | null {
  return typeof value === 'string' ? memoryBytes(value) : null;
}

function gpuOf(gpu: JsonObject): GpuNeeds {
  const deviceIds = textsOf(gpu['device-ids']);
  return {
    count: gpu['count'] === 'all' ? 'all' : (deviceIds?.length ?? numberOf(gpu['count'], 1)),
    driver: textOf(gpu['driver']) ?? 'nvidia',
    capabilities: textsOf(gpu['capabilities']) ?? ['gpu'],
    minMemoryBytes: bytesOf(gpu['min-memory']),
    deviceIds,
    options: objectOf(gpu['options']) as Readonly<Record<string, string>>, // texts by the schema
  };
}

function resourcesOf(value: Json | undefined): Resources {
  if (!isJsonObject(value)) return noResources;
  const { cpu, memory, gpu } = value;
  return {
    cpu: typeof cpu === 'number' ? cpu : null,
    memoryBytes: bytesOf(memory),
    gpu: isJsonObject(gpu) ? gpuOf(gpu) : null,
  };
}

function serverOf(server: JsonObject): ServerNeeds {
  return {
    image: textOf(server['image']) ?? '',
    command: textsOf(server['command']),
    port: numberOf(server['port'], 80),
    ready: textOf(server['ready']) ?? '/',
    volumes: textsOf(server['volumes']) ?? [],
    resources: resourcesOf(server['resources']),
  };
}

function dockerOf(docker: JsonObject): DockerNeeds {
  return {
    kind: 'docker',
    build: textOf(docker['build']),
    image: textOf(docker['image']),
    entry: textOf(docker['entry']),
    command: textsOf(docker['command']),
    mode: docker['mode'] === 'once' ? 'once' : 'worker',
    concurrency: numberOf(docker['concurrency'], 8),
    server: isJsonObject(docker['server']) ? serverOf(docker['server']) : null,
  };
}

function runtimeOf(runtime: JsonObject): SatelliteRuntimeNeeds {
  const { isolate, docker } = runtime;
  if (isJsonObject(docker)) return dockerOf(docker);
  const { entry, memory, concurrency } = objectOf(isolate);
  return {
    kind: 'isolate',
    entry: textOf(entry) ?? 'src/index.ts',
    memoryBytes: bytesOf(memory) ?? defaultIsolateMemory,
    concurrency: numberOf(concurrency, 250),
  };
}

function outputOf(output: JsonObject): OutputDeclaration {
  const { cardinality, text, key, schema } = output;
  return {
    cardinality: cardinality as OutputDeclaration['cardinality'], // one of the forms that the schema allows
    text: textOf(text),
    key: textOf(key),
    schema: isJsonObject(schema) ? schema : { type: 'object' },
  };
}

function headOf(file: JsonObject): Pick<SatelliteManifest, 'manifest' | 'identifier' | 'title' | 'description'> {
  return {
    manifest: 1,
    identifier: textOf(file['identifier']) ?? '',
    title: textOf(file['title']),
    description: textOf(file['description']),
  };
}

/** The manifest of a file that fits `manifestSchema`. */
export function normalManifest(file: JsonObject): SatelliteManifest | ConfiguredManifest {
  if (file['kind'] === 'configured') {
    return { ...headOf(file), kind: 'configured', from: textOf(file['from']) ?? '', preset: objectOf(file['config']) };
  }
  return {
    ...headOf(file),
    kind: (textOf(file['kind']) ?? 'custom') as SatelliteManifest['kind'], // one of the names that the schema allows
    runtime: runtimeOf(objectOf(file['runtime'])),
    resources: resourcesOf(file['resources']),
    timeoutMs: typeof file['timeout'] === 'string' ? durationMs(file['timeout']) : null,
    network: { allow: textsOf(objectOf(file['network'])['allow']) ?? [] },
    secrets: textsOf(file['secrets']) ?? [],
    config: isJsonObject(file['config']) ? file['config'] : { type: 'object', additionalProperties: false },
    input: isJsonObject(file['input']) ? file['input'] : {},
    output: outputOf(objectOf(file['output'])),
    preset: {},
  };
}

/** Tells the satellite without code from the others. */
export function isConfigured(manifest: SatelliteManifest | ConfiguredManifest): manifest is ConfiguredManifest {
  return 'from' in manifest;
}
