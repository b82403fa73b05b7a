import type { Json, JsonObject } from '@exosphere/model';
import type { BlobStore, CallEnd, OpenSatellite, SatelliteLog, SatelliteReply } from '@exosphere/ports';
import type { SatelliteManifest } from '@exosphere/satellite-protocol';
import { isConfigured, manifestFrom } from '@exosphere/satellite-protocol';
import type { StoredSatellite } from '@exosphere/satellite-package';
import { satelliteDigest } from '@exosphere/satellite-package';
import type { IsolateLimits, IsolateRuntime } from '../index.ts';
import { createIsolateRuntime } from '../index.ts';
import { memoryBlobs } from '@exosphere/testkit';

/** What a call of a test reported. */
export interface Told {
  readonly end: CallEnd;
  readonly replies: readonly (SatelliteReply | undefined)[];
  readonly logs: readonly (SatelliteLog & { readonly index: number })[];
  readonly ms: number;
}

export interface WorldCall {
  /** One request for each. Default: one, of null. */
  readonly inputs?: readonly Json[];
  readonly config?: JsonObject;
  readonly timeoutMs?: number;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** A runtime whose satellites are given as code: the body of a function that returns the satellite. */
export interface IsolateWorld {
  readonly runtime: IsolateRuntime;
  readonly blobs: BlobStore;
  open(code: string, options?: OpenCodeOptions): Promise<OpenSatellite>;
  /** Opens, calls and closes. */
  call(code: string, call?: WorldCall, options?: OpenCodeOptions): Promise<Told>;
  close(): Promise<void>;
}

export interface OpenCodeOptions {
  readonly manifest?: JsonObject;
  readonly project?: string;
  readonly run?: string;
  readonly fresh?: 'lease' | 'execution';
}

const never = new AbortController().signal;

function manifestOf(more: JsonObject): SatelliteManifest {
  const read = manifestFrom({
    manifest: 1,
    identifier: 'satellite/test/code',
    runtime: { isolate: {} },
    config: {},
    output: { cardinality: 'many' },
    ...more,
  });
  if ('violations' in read || isConfigured(read.manifest)) throw new Error(JSON.stringify(read));
  return read.manifest;
}

/** Calls an open satellite and gathers what it tells. */
export async function callOpen(open: OpenSatellite, call: WorldCall = {}): Promise<Told> {
  const inputs = call.inputs ?? [null];
  const replies: (SatelliteReply | undefined)[] = inputs.map(() => undefined);
  const logs: (SatelliteLog & { index: number })[] = [];
  const start = performance.now();
  const end = await open.invoke(
    {
      requests: inputs.map((input, index) => ({
        execution: `run/step/${index}`,
        idempotencyKey: `run/step/${index}`,
        attempt: 1,
        deadline: '2030-01-01T00:00:00.000Z',
        resume: null,
        config: call.config ?? {},
        input,
        item: input,
        secrets: call.secrets ?? {},
      })),
      mode: 'each',
      timeoutMs: call.timeoutMs ?? 20_000,
      events: {
        reply: (index, reply) => void (replies[index] = reply),
        objects: async () => {},
        log: (index, record) => void logs.push({ ...record, index }),
      },
    },
    { signal: never },
  );
  return { end, replies, logs, ms: performance.now() - start };
}

export function createIsolateWorld(
  options: {
    readonly limits?: Partial<IsolateLimits>;
    readonly endpoints?: Readonly<Record<string, string>>;
    readonly nodeArguments?: readonly string[];
  } = {},
): IsolateWorld {
  const stored = new Map<string, StoredSatellite>();
  const blobs = memoryBlobs();
  const runtime = createIsolateRuntime({
    satellites: { manifest: (digest) => stored.get(digest)?.manifest ?? null, load: async (digest) => stored.get(digest) ?? null },
    blobs,
    endpoints: () => options.endpoints ?? {},
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.nodeArguments === undefined ? {} : { nodeArguments: options.nodeArguments }),
  });

  const open = async (
    code: string,
    { manifest: more = {}, project = 'p', run = 'r', fresh = 'lease' }: OpenCodeOptions = {},
  ): Promise<OpenSatellite> => {
    const manifest = manifestOf(more);
    const bundle = `(() => {\n${code}\n})`;
    const digest = satelliteDigest(manifest, bundle);
    const { identifier: reference } = manifest;
    stored.set(digest, { reference, version: '1.0.0', digest, manifest, bundle, archive: null });
    const locked = { reference, version: '1.0.0', digest, cardinality: 'many' as const, text: null, key: manifest.output.key };
    return runtime.open(locked, { project, run, step: 's', fresh, signal: never });
  };

  return {
    runtime,
    blobs,
    open,
    async call(code, call, openOptions) {
      const satellite = await open(code, openOptions);
      const told = await callOpen(satellite, call);
      await satellite.close();
      return told;
    },
    close: () => runtime.close(),
  };
}

/** The objects of a reply, or what it was in their place. */
export function objectsOf(reply: SatelliteReply | undefined): unknown {
  return reply?.kind === 'objects' ? reply.objects : reply;
}
