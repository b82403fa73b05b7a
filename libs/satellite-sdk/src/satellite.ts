import type { SatelliteContext } from './context.ts';
import type { Json, JsonObject } from './json.ts';
import type { SatelliteFailure } from './satellite-failure.ts';

/** What a satellite works on: checked against its manifest. */
export interface SatelliteRequest<Config = JsonObject, Input = Json, Item = Json> {
  /** What controls the satellite. */
  readonly config: Config;
  /** The data of this execution; the item itself, where the step has no `input`. */
  readonly input: Input;
  /** The object that the step before handed on. */
  readonly item: Item;
  /** The secrets that the step granted, by the satellite's key. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** A list of objects; nothing stands for an empty list. */
export type SatelliteOutput = readonly object[] | undefined | void;

export interface Satellite<Config = JsonObject, Input = Json, Item = Json> {
  run(request: SatelliteRequest<Config, Input, Item>, context: SatelliteContext): Promise<SatelliteOutput> | SatelliteOutput;
  /**
   * Several requests in one call, for steps with `batch`; `contexts[i]` belongs to `requests[i]`. Gives one result for each, in the
   * same order; a failure (or nothing) in a place fails only that request, a throw fails all. Without it, each request is run alone.
   */
  runBatch?(
    requests: readonly SatelliteRequest<Config, Input, Item>[],
    contexts: readonly SatelliteContext[],
  ): Promise<readonly (readonly object[] | SatelliteFailure | null | undefined)[]>;
}

/**
 * Gives a satellite its types. The default export of a package's entry module is what this returns.
 *
 * @example
 * export default defineSatellite<{ greeting: string }, { name: string }>({
 *   run: ({ config, input }) => [{ text: `${config.greeting}, ${input.name}!` }],
 * });
 */
export function defineSatellite<Config = JsonObject, Input = Json, Item = Json>(
  satellite: Satellite<Config, Input, Item>,
): Satellite<Config, Input, Item> {
  return satellite;
}
