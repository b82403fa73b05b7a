import type { SatelliteRuntime } from '@exosphere/ports';

/** Tells when each call begins. */
export function timedRuntime(runtime: SatelliteRuntime, onCall: (at: number) => void): SatelliteRuntime {
  return {
    ...runtime,
    open: async (locked, options) => {
      const satellite = await runtime.open(locked, options);
      return {
        checkConfig: satellite.checkConfig,
        checkInput: satellite.checkInput,
        checkOutput: satellite.checkOutput,
        callSize: satellite.callSize,
        invoke: (call, given) => {
          onCall(performance.now());
          return satellite.invoke(call, given);
        },
        close: () => satellite.close(),
      };
    },
  };
}
