import { inspect } from 'node:util';
import type { Satellite } from '../satellite.ts';
import { SatelliteFailure } from '../satellite-failure.ts';
import type { LoadedSatellite } from './run-attempt.ts';

/** A satellite, or what loads its module. */
export type ServedSatellite = Satellite | (() => Promise<{ readonly default: unknown }>);

/** Loads what is to be served. What is wrong with it becomes the answer to every request, which people see. */
export async function loadSatellite(served: ServedSatellite): Promise<LoadedSatellite> {
  try {
    const satellite: unknown = typeof served === 'function' ? (await served()).default : served;
    if (isSatellite(satellite)) return satellite;
    return invalid("The default export of the satellite's entry module has no function `run`: export default defineSatellite({ run })");
  } catch (thrown) {
    process.stderr.write(`${inspect(thrown)}\n`);
    return invalid(`The satellite cannot be loaded: ${thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)}`);
  }
}

function isSatellite(value: unknown): value is Satellite {
  return typeof value === 'object' && value !== null && 'run' in value && typeof value.run === 'function';
}

function invalid(message: string): LoadedSatellite {
  return { fault: new SatelliteFailure(message, { code: 'satellite-invalid', retryable: false }) };
}
