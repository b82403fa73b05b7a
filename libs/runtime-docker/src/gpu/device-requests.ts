import type { GpuNeeds } from '@exosphere/satellite-protocol';

/** A `DeviceRequest` of Docker's Engine API (`HostConfig.DeviceRequests`, since 1.40). */
export interface DeviceRequest {
  readonly Driver: string;
  /** -1: all that there are. 0: those of `DeviceIDs`; the engine refuses a request that has both. */
  readonly Count: number;
  readonly DeviceIDs: string[];
  /** One of these lists, all of it. */
  readonly Capabilities: string[][];
  readonly Options: Record<string, string>;
}

/**
 * What the container engine is asked for.
 *
 * @param ids the cards that were placed; null: the engine chooses (and knows nothing of memory, nor of who uses them)
 */
export function deviceRequests(needs: GpuNeeds, ids: readonly string[] | null): DeviceRequest[] {
  const { driver, capabilities, options, count, deviceIds } = needs;
  const chosen = ids ?? deviceIds;
  return [
    {
      Driver: driver,
      Count: chosen !== null ? 0 : count === 'all' ? -1 : count,
      DeviceIDs: [...(chosen ?? [])],
      Capabilities: [[...capabilities]],
      Options: { ...options },
    },
  ];
}
