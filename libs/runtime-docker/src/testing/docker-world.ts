import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json, JsonObject } from '@exosphere/model';
import { InternalError } from '@exosphere/model';
import type { BlobStore, CallEnd, OpenSatellite, SatelliteCall, SatelliteLog, SatelliteReply, SatelliteRequest } from '@exosphere/ports';
import type { StoredSatellite } from '@exosphere/satellite-package';
import { satelliteDigest } from '@exosphere/satellite-package';
import type { SatelliteManifest } from '@exosphere/satellite-protocol';
import { isConfigured, manifestFrom } from '@exosphere/satellite-protocol';
import { callEngine, memoryBlobs } from '@exosphere/testkit';
import type { OnStep } from '../container/container.ts';
import type { DockerLimits, DockerRuntime } from '../index.ts';
import { createDockerRuntime } from '../index.ts';

export const engineSocket = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';

/** What a call of a test reported. */
export interface Told {
  readonly end: CallEnd;
  readonly replies: readonly (SatelliteReply | undefined)[];
  readonly objects: readonly (readonly JsonObject[])[];
  readonly logs: readonly (SatelliteLog & { readonly index: number })[];
  readonly ms: number;
}

export interface WorldCall {
  /** One request for each. Default: one, of null. */
  readonly inputs?: readonly Json[];
  readonly config?: JsonObject;
  readonly timeoutMs?: number;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly repeatable?: boolean;
  readonly apart?: boolean;
  /** Default: another one for each call. */
  readonly key?: string;
  readonly onObjects?: () => Promise<void>;
}

/** A runtime whose satellites are given as manifests, with busybox scripts as their code. */
export interface DockerWorld {
  readonly runtime: DockerRuntime;
  readonly blobs: BlobStore;
  readonly homes: string;
  /** What was noted while satellites were opened. */
  readonly notes: readonly string[];
  /** `script` is run by the shell of `busybox:stable`. */
  open(script: string, manifest?: JsonObject, docker?: JsonObject): Promise<OpenSatellite>;
  /** `pinned`: the image that the cluster is locked to. */
  openStored(satellite: StoredSatellite, fresh?: 'lease' | 'execution', pinned?: string | null): Promise<OpenSatellite>;
  /** Opens, calls and closes: one container for each request, unless `docker` says otherwise. */
  call(script: string, call?: WorldCall, manifest?: JsonObject, docker?: JsonObject): Promise<Told>;
  close(): Promise<void>;
}

const never = new AbortController().signal;
let requests = 0;

export function manifestOf(more: JsonObject): SatelliteManifest {
  const read = manifestFrom({
    manifest: 1,
    identifier: 'satellite/test/container',
    config: {},
    output: { cardinality: 'many' },
    ...more,
  });
  if ('violations' in read || isConfigured(read.manifest)) throw new InternalError(`a test's manifest is wrong: ${JSON.stringify(read)}`);
  return read.manifest;
}

export function storedAs(manifest: SatelliteManifest, archive: Uint8Array | null = null): StoredSatellite {
  return { reference: manifest.identifier, version: '1.0.0', digest: satelliteDigest(manifest, archive), manifest, bundle: null, archive };
}

function requestOf(input: Json, index: number, { config, secrets, key }: WorldCall): SatelliteRequest {
  requests += 1;
  // containers are named by it, and other processes may test at the same time
  const name = key ?? `run-${process.pid}/step/${requests}`;
  return {
    execution: `run/step/${index}`,
    idempotencyKey: name,
    attempt: 1,
    deadline: '2030-01-01T00:00:00.000Z',
    resume: null,
    config: config ?? {},
    input,
    item: input,
    secrets: secrets ?? {},
  };
}

/** Calls an open satellite and gathers what it tells. */
export async function callOpen(open: OpenSatellite, call: WorldCall = {}, mode: SatelliteCall['mode'] = 'each'): Promise<Told> {
  const inputs = call.inputs ?? [null];
  const replies: (SatelliteReply | undefined)[] = inputs.map(() => undefined);
  const objects: JsonObject[][] = inputs.map(() => []);
  const logs: (SatelliteLog & { index: number })[] = [];
  const start = performance.now();
  const end = await open.invoke(
    {
      requests: inputs.map((input, index) => requestOf(input, index, call)),
      mode,
      timeoutMs: call.timeoutMs ?? 20_000,
      repeatable: call.repeatable ?? true,
      apart: call.apart ?? false,
      events: {
        reply: (index, reply) => {
          if (replies[index] !== undefined) throw new InternalError(`request ${index} was answered twice`);
          replies[index] = reply;
        },
        objects: async (index, list) => {
          objects[index]?.push(...list);
          await call.onObjects?.();
        },
        log: (index, record) => void logs.push({ ...record, index }),
      },
    },
    { signal: call.signal ?? never },
  );
  return { end, replies, objects, logs, ms: performance.now() - start };
}

export interface WorldOptions {
  readonly limits?: Partial<DockerLimits>;
  readonly endpoints?: Readonly<Record<string, string>>;
  readonly gpus?: string;
  /** Default: {@link engineSocket}. */
  readonly engine?: string;
  /** Default: a new folder, which goes with the world. */
  readonly homes?: string;
  readonly dockerFolder?: string;
  readonly onStep?: OnStep;
}

export async function createDockerWorld(options: WorldOptions = {}): Promise<DockerWorld> {
  const stored = new Map<string, StoredSatellite>();
  const blobs = memoryBlobs();
  const homes = options.homes ?? (await mkdtemp(join(tmpdir(), 'exo-')));
  const notes: string[] = [];
  const { engine = engineSocket, endpoints = {}, gpus = 'none', limits = {}, dockerFolder, onStep } = options;
  const runtime = createDockerRuntime({
    ...{ engine, blobs, homes, gpus, limits },
    satellites: { manifest: (digest) => stored.get(digest)?.manifest ?? null, load: async (digest) => stored.get(digest) ?? null },
    endpoints: () => endpoints,
    ...(dockerFolder === undefined ? {} : { dockerFolder }),
    ...(onStep === undefined ? {} : { onStep }),
  });

  const openStored: DockerWorld['openStored'] = async (satellite, fresh = 'lease', pinned = null) => {
    const { reference, version, digest, manifest } = satellite;
    stored.set(digest, satellite);
    const found = { reference, version, digest, cardinality: 'many' as const, text: null, key: manifest.output.key };
    const locked = pinned === null ? found : { ...found, images: { satellite: pinned } };
    const note = (message: string): void => void notes.push(message);
    return runtime.open(locked, { project: 'p', run: 'r', step: 's', fresh, note, signal: never });
  };
  const open = (script: string, manifest: JsonObject = {}, docker: JsonObject = {}): Promise<OpenSatellite> => {
    const runs = { image: 'busybox:stable', command: ['sh', '-c', script], mode: 'once', ...docker };
    return openStored(storedAs(manifestOf({ runtime: { docker: runs }, ...manifest })));
  };
  return {
    ...{ runtime, blobs, homes, notes, open, openStored },
    async call(script, call, manifest, docker) {
      const satellite = await open(script, manifest, docker);
      const told = await callOpen(satellite, call);
      await satellite.close();
      return told;
    },
    async close() {
      await runtime.close();
      if (options.homes === undefined) await rm(homes, { recursive: true, force: true });
    },
  };
}

/** The objects of a reply, or what it was in their place. */
export function objectsOf(reply: SatelliteReply | undefined): unknown {
  return reply?.kind === 'objects' ? reply.objects : reply;
}

/** What is left of containers, volumes and networks that carry our label and belong to a process; to this one, unless told otherwise. */
export async function leftOvers(pid = process.pid): Promise<readonly string[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: ['exosphere.owner'] }));
  const own = (labels: Readonly<Record<string, string>> | null | undefined): boolean =>
    labels?.['exosphere.owner']?.includes(`.${pid}.`) === true;
  const containers = JSON.parse((await callEngine({ path: `/containers/json?all=1&filters=${filters}` })).text) as readonly {
    Names: string[];
    Labels: Record<string, string>;
  }[]; // Docker's Engine API
  const volumes = JSON.parse((await callEngine({ path: `/volumes?filters=${filters}` })).text) as {
    Volumes: readonly { Name: string; Labels: Record<string, string> }[] | null;
  }; // the same
  const networks = JSON.parse((await callEngine({ path: `/networks?filters=${filters}` })).text) as readonly {
    Name: string;
    Labels: Record<string, string>;
  }[]; // the same
  return [
    ...containers.filter(({ Labels }) => own(Labels)).map(({ Names }) => `container ${Names.join()}`),
    ...(volumes.Volumes ?? []).filter(({ Labels }) => own(Labels)).map(({ Name }) => `volume ${Name}`),
    ...networks.filter(({ Labels }) => own(Labels)).map(({ Name }) => `network ${Name}`),
  ];
}
