import type { JsonObject } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import type { OpenSatellite, SatelliteRequest, SatelliteRuntime } from '@exosphere/ports';

/** Runs the satellites of the bench in this process, without checks: what is left is the executor. */
export function noOpRuntime(): SatelliteRuntime {
  return {
    runs: () => true,
    open: async ({ reference }) => openSatellite(reference === 'satellite/bench/list' ? list : noOp),
    close: async () => undefined,
  };
}

type Run = (request: SatelliteRequest) => readonly JsonObject[];

const list: Run = ({ config }) => Array.from({ length: Number(config['count']) }, (_, n) => ({ n }));

const noOp: Run = ({ input }) => [{ n: isJsonObject(input) ? (input['n'] ?? 0) : 0 }];

function openSatellite(run: Run): OpenSatellite {
  return {
    checkConfig: () => null,
    checkInput: () => null,
    checkOutput: () => null,
    callSize: 500,
    invoke: async ({ requests, events }) => {
      requests.forEach((request, index) => events.reply(index, { kind: 'objects', objects: run(request), metrics: null }));
      return { kind: 'done' };
    },
    close: async () => undefined,
  };
}
