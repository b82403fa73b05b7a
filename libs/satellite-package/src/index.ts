export type { SatelliteStore, StoredSatellite } from './satellite-store.ts';
export { digestOfStored, satelliteDigest } from './satellite-digest.ts';
export { BundleFailure } from './bundle-failure.ts';
export type { BundledSatellite } from './bundle-satellite.ts';
export { bundleSatellite } from './bundle-satellite.ts';
export type { LocalSatellite, LocalSatellites } from './local-satellites.ts';
export { openLocalSatellites } from './local-satellites.ts';
