// First: it guards what the rest of a bundle may print.
import './guard.ts';

export type { ServedSatellite } from './load-satellite.ts';
export { serve } from './serve.ts';
