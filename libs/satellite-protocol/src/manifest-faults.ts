import type { JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';
import type { DockerNeeds, SatelliteManifest } from './manifest.ts';
import { schemaFault } from './schema-compiler.ts';
import type { Violation } from './violation.ts';

function faultsOfSchema(at: string, schema: JsonObject): readonly Violation[] {
  const fault = schemaFault(schema);
  return fault === null ? [] : [{ at, message: `This is not a JSON Schema (draft 2020-12) that can be used: ${fault}.` }];
}

function knowsProperty(schema: JsonObject, name: string): boolean {
  const properties = schema['properties'];
  return !isJsonObject(properties) || Object.hasOwn(properties, name);
}

function faultsOfOutput({ output, config }: SatelliteManifest): readonly Violation[] {
  const faults: Violation[] = [];
  for (const field of ['text', 'key'] as const) {
    const name = output[field];
    if (name !== null && !knowsProperty(output.schema, name)) {
      faults.push({ at: `/output/${field}`, message: `'${name}' is no property of output.schema; name one of its fields.` });
    }
  }
  if (output.key !== null && output.cardinality === 'one') {
    faults.push({ at: '/output/key', message: "A key tells the objects of a list apart; with 'cardinality: one' there is none." });
  }
  const { cardinality } = output;
  if (typeof cardinality !== 'string' && !knowsProperty(config, cardinality.config)) {
    faults.push({ at: '/output/cardinality/config', message: `'${cardinality.config}' is no property of the config schema.` });
  }
  return faults;
}

function leavesPackage(path: string): boolean {
  return path.startsWith('/') || path.split('/').includes('..');
}

function faultsOfContainer({ build, entry }: DockerNeeds): readonly Violation[] {
  const faults: Violation[] = [];
  for (const [key, path] of Object.entries({ build, entry })) {
    if (path !== null && leavesPackage(path)) {
      faults.push({ at: `/runtime/docker/${key}`, message: `'${path}' leaves the package; give a path inside of it.` });
    }
  }
  if (entry !== null && build === null) {
    faults.push({
      at: '/runtime/docker/entry',
      message: "An entry goes into the image that is built; name the Dockerfile's folder in 'build'.",
    });
  }
  return faults;
}

function faultsOfRuntime({ runtime }: SatelliteManifest): readonly Violation[] {
  if (runtime.kind === 'docker') return faultsOfContainer(runtime);
  const faults: Violation[] = [];
  if (leavesPackage(runtime.entry)) {
    faults.push({ at: '/runtime/isolate/entry', message: `'${runtime.entry}' leaves the package; give a path inside of it.` });
  }
  if (runtime.memoryBytes < 8 * 2 ** 20 || runtime.memoryBytes > 4 * 2 ** 30) {
    faults.push({ at: '/runtime/isolate/memory', message: 'An isolate has between 8MiB and 4GiB of memory.' });
  }
  return faults;
}

/** What is wrong with a manifest beyond its shape: schemas that cannot be used, names that name nothing. */
export function manifestFaults(manifest: SatelliteManifest): readonly Violation[] {
  return [
    ...faultsOfSchema('/config', manifest.config),
    ...faultsOfSchema('/input', manifest.input),
    ...faultsOfSchema('/output/schema', manifest.output.schema),
    ...faultsOfOutput(manifest),
    ...faultsOfRuntime(manifest),
  ];
}
