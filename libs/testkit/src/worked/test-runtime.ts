import type { Json, JsonObject, LockedSatellite } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import type {
  CallEnd,
  OpenOptions,
  OpenSatellite,
  SatelliteCall,
  SatelliteReply,
  SatelliteRequest,
  SatelliteRuntime,
  Violation,
} from '@exosphere/ports';
import type { Check, SatelliteManifest } from '@exosphere/satellite-protocol';
import { compileManifestChecks } from '@exosphere/satellite-protocol';
import type { WorkedFault } from '../worked-example-types.ts';
import type { Holds } from './holds.ts';

/** A call of a satellite, as the runtime saw it. */
export interface SeenCall {
  readonly run: string;
  readonly step: string;
  readonly size: number;
  /** Executions of this step under way when the call began, its own included. */
  readonly underWay: number;
  readonly requests: readonly SatelliteRequest[];
}

export interface TestRuntimeOptions {
  readonly manifests: readonly SatelliteManifest[];
  readonly faults: readonly WorkedFault[];
  readonly holds: Holds;
  /** The number, from 1, of a run in the order of triggers; null: it is none of them. */
  readonly runNumber: (run: string) => number | null;
  /** Decides in which order the requests of a call are answered; a number in [0, 1). */
  readonly random: () => number;
  /** Waits as long as a call takes; default: no time. */
  readonly takeTime?: (signal: AbortSignal) => Promise<void>;
  /** Waits as long as it takes to open a satellite, or fails as the port says; default: it opens at once. */
  readonly opens?: (signal: AbortSignal) => Promise<void>;
}

export interface TestRuntime extends SatelliteRuntime {
  readonly calls: readonly SeenCall[];
  /** Names of the executions whose attempt is under way. */
  readonly running: ReadonlySet<string>;
}

/** Runs the test satellites of the worked examples in this process, with the faults of an example. */
export function createTestRuntime(options: TestRuntimeOptions): TestRuntime {
  const calls: SeenCall[] = [];
  const manifests = new Map(options.manifests.map((manifest) => [manifest.identifier, manifest]));
  const running = new Set<string>();
  return {
    calls,
    running,
    runs: (satellite) => manifests.has(satellite.reference),
    open: async (satellite, open) => {
      await options.opens?.(open.signal);
      return openSatellite(options, manifests, { calls, running }, { satellite, open });
    },
    close: () => Promise.resolve(),
  };
}

interface Opened {
  readonly satellite: LockedSatellite;
  readonly open: OpenOptions;
}

function openSatellite(
  options: TestRuntimeOptions,
  manifests: ReadonlyMap<string, SatelliteManifest>,
  seen: { calls: SeenCall[]; running: Set<string> },
  opened: Opened,
): OpenSatellite {
  const { calls, running } = seen;
  const manifest = manifests.get(opened.satellite.reference);
  const checks = manifest === undefined ? null : compileManifestChecks(manifest);
  const { run, step } = opened.open;
  return {
    checkConfig: (value) => violationOf(checks?.config, value),
    checkInput: (value) => violationOf(checks?.input, value),
    checkOutput: (value) => violationOf(checks?.output, value),
    callSize: 500,
    invoke: (call, { signal }) => {
      for (const request of call.requests) running.add(request.execution);
      const underWay = [...running].filter((name) => name.split(/[[(]/)[0] === step).length;
      if (call.mode === 'batch') calls.push({ run, step, size: call.requests.length, underWay, requests: call.requests });
      else for (const request of call.requests) calls.push({ run, step, size: 1, underWay, requests: [request] });
      return answer({ options, seen, opened }, call, signal).finally(() => {
        for (const request of call.requests) running.delete(request.execution);
      });
    },
    close: () => Promise.resolve(),
  };
}

function violationOf(check: Check | undefined, value: Json): Violation {
  return check === undefined ? null : check(value);
}

interface Answering {
  readonly options: TestRuntimeOptions;
  readonly seen: { readonly running: Set<string> };
  readonly opened: Opened;
}

async function answer({ options, seen, opened }: Answering, call: SatelliteCall, signal: AbortSignal): Promise<CallEnd> {
  await options.takeTime?.(signal);
  const number = options.runNumber(opened.open.run);
  const faultOf = (request: SatelliteRequest): WorkedFault | undefined => options.faults.find((fault) => fits(fault, number, request));
  if (call.requests.some((request) => faultOf(request)?.effect.kind === 'lost')) {
    return { kind: 'lost', reason: 'crash', message: 'the worker was lost' };
  }
  const order = call.requests.map((request, index) => ({ request, index, at: options.random() })).sort((a, b) => a.at - b.at);
  await Promise.all(
    order.map(async ({ request, index }) => {
      const fault = faultOf(request);
      if (fault?.effect.kind === 'hold' && fault.effect.as === 'running') await options.holds.until(fault, signal);
      if (!signal.aborted) seen.running.delete(request.execution);
      if (!signal.aborted) call.events.reply(index, replyTo(opened.satellite.reference, request, fault));
    }),
  );
  return signal.aborted ? { kind: 'lost', reason: 'cancelled', message: 'the call was cancelled' } : { kind: 'done' };
}

/** Whether a fault is of this attempt of this execution. */
export function fits(fault: WorkedFault, run: number | null, request: Pick<SatelliteRequest, 'execution' | 'attempt'>): boolean {
  return fault.run === run && fault.at === request.execution && (fault.attempts === null || fault.attempts.includes(request.attempt));
}

function replyTo(reference: string, request: SatelliteRequest, fault: WorkedFault | undefined): SatelliteReply {
  if (fault?.effect.kind === 'error') return failure(fault.effect);
  if (fault?.effect.kind === 'returns') return objects(fault.effect.objects);
  const input = isJsonObject(request.input) ? request.input : {};
  switch (reference) {
    case 'satellite/test/list':
      return objects(listOf(request.config['items']));
    case 'satellite/test/split':
      return objects(listOf(input['parts']));
    case 'satellite/test/sum':
      return objects([{ sum: listOf(input['values']).reduce((sum: number, value: unknown) => sum + Number(value), 0) }]);
    case 'satellite/test/empty':
      return objects([]);
    case 'satellite/test/fail':
      return isTruthy(request.config['when'])
        ? failure({ message: 'told to fail', code: 'told-to-fail', retryable: request.config['retryable'] !== false })
        : objects([input]);
    default:
      return objects([input]);
  }
}

function objects(list: readonly JsonObject[]): SatelliteReply {
  return { kind: 'objects', objects: list, metrics: null };
}

function failure(error: { message: string; code: string; retryable: boolean }): SatelliteReply {
  const { message, code, retryable } = error;
  return { kind: 'error', error: { message, code, retryable, retryAfterMs: null }, metrics: null };
}

function listOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonObject[]) : []; // the examples list objects
}

function isTruthy(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}
