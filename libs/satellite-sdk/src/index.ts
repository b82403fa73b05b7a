export type { Json, JsonObject } from './json.ts';
export type { FileValue } from './file-value.ts';
export type { FileContent, SatelliteContext, SatelliteFiles, SatelliteLogger } from './context.ts';
export type { Satellite, SatelliteOutput, SatelliteRequest } from './satellite.ts';
export { defineSatellite } from './satellite.ts';
export type { FailureOptions } from './satellite-failure.ts';
export { SatelliteFailure } from './satellite-failure.ts';
