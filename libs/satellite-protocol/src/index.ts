export type { Json, JsonObject } from './json.ts';
export { isJsonObject } from './json.ts';
export { canonicalJson } from './canonical-json.ts';
export type {
  ConfiguredManifest,
  DockerNeeds,
  GpuNeeds,
  IsolateNeeds,
  OutputDeclaration,
  Resources,
  SatelliteManifest,
  SatelliteRuntimeNeeds,
  ServerNeeds,
} from './manifest.ts';
export { manifestSchema } from './manifest-schema.ts';
export type { ManifestReading, ReadManifest } from './read-manifest.ts';
export { manifestFrom, readManifest } from './read-manifest.ts';
export type { ManifestProblem } from './manifest-text.ts';
export { isConfigured } from './normal-manifest.ts';
export { resolveConfigured } from './configured.ts';
export { cardinalityOf } from './cardinality.ts';
export type { ManifestChecks } from './manifest-checks.ts';
export { compileManifestChecks } from './manifest-checks.ts';
export type { Check } from './schema-compiler.ts';
export { checkOf, schemaFault } from './schema-compiler.ts';
export type { OutputSchemaReading } from './output-schema.ts';
export { parseOutputSchema } from './output-schema.ts';
export type { TextProblem } from './output-schema-text.ts';
export type { SchemaError } from './schema-errors.ts';
export { schemaErrors } from './schema-errors.ts';
export { memoryBytes } from './memory-size.ts';
export { versionPattern } from './version.ts';
export type { Violation } from './violation.ts';
export type { FileValue } from './file-value.ts';
export { filesIn, isDigest, isFileValue } from './file-value.ts';
export type { WireBatchReply, WireBatchRequest, WireError, WireLog, WireReply, WireRequest } from './wire.ts';
