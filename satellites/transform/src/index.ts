import type { JsonObject } from '@exosphere/satellite';
import { defineSatellite } from '@exosphere/satellite';
import { transformed } from './transformed.ts';

/** Templates are resolved before the satellite runs: what arrives here are values. */
interface Config {
  readonly returns?: 'one' | 'many';
  readonly object?: JsonObject;
  readonly objects?: readonly JsonObject[];
}

export default defineSatellite<Config>({
  run: ({ config, input }) => transformed(config, input),
});
