export type { IsolateLimits, IsolateRuntime, IsolateRuntimeOptions } from './isolate-runtime.ts';
export { createIsolateRuntime } from './isolate-runtime.ts';
export type { SatelliteStore, StoredSatellite } from './satellite-store.ts';
export { satelliteDigest } from './bundle/satellite-digest.ts';
export { BundleFailure } from './bundle/bundle-failure.ts';
export type { BundledSatellite } from './bundle/bundle-satellite.ts';
export { bundleSatellite } from './bundle/bundle-satellite.ts';
export type { LocalSatellite, LocalSatellites } from './bundle/local-satellites.ts';
export { openLocalSatellites } from './bundle/local-satellites.ts';
