import { rm } from 'node:fs/promises';
import { availableParallelism, homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ExosphereError } from '@exosphere/model';
import type { LockedSatellite } from '@exosphere/model';
import type { BlobStore, OpenOptions, SatelliteRuntime } from '@exosphere/ports';
import type { SatelliteStore, StoredSatellite } from '@exosphere/satellite-package';
import { digestOfStored } from '@exosphere/satellite-package';
import type { OnStep } from './container/container.ts';
import { Engine } from './engine/engine.ts';
import { findGpus } from './gpu/inventory.ts';
import { GpuBook } from './gpu/gpu-book.ts';
import { GpuDesk } from './gpu/gpu-desk.ts';
import { ImageStore } from './images/image-store.ts';
import type { Workshop } from './open-stored.ts';
import { openStored } from './open-stored.ts';
import type { OpenDocker } from './open-docker.ts';
import { ContainerPool } from './pool/container-pool.ts';
import type { PoolLimits } from './pool/container-pool.ts';
import { Slots } from './pool/slots.ts';
import type { CompanionsOptions } from './server/companions.ts';
import { Companions } from './server/companions.ts';
import { announceInUse, inUseHere } from './sweep/in-use.ts';
import { LiveNames } from './sweep/live-names.ts';
import { thisProcess } from './sweep/owner.ts';
import type { SweepOptions } from './sweep/sweep.ts';
import { serversOf, sweep } from './sweep/sweep.ts';

/** What a runtime is made of. What is optional has a default. */
export interface DockerRuntimeOptions {
  /** Where the container engine listens: `unix:///var/run/docker.sock`. */
  readonly engine: string;
  readonly satellites: SatelliteStore;
  readonly blobs: BlobStore;
  /** The endpoints of a run's environment (spec 4.4): service name or URL prefix → base URL. */
  readonly endpoints?: (options: OpenOptions) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** Where the folders of sockets are made; short, since the path of a socket may have 107 bytes. */
  readonly homes?: string;
  /** Where `docker login` keeps credentials. Default `~/.docker`. */
  readonly dockerFolder?: string;
  /** Graphics cards of this host, as `EXO_GPUS` has it; null: the driver is asked. */
  readonly gpus?: string | null;
  /** Something went wrong that the runtime deals with. */
  readonly onWarning?: (message: string, error?: unknown) => void;
  readonly limits?: Partial<DockerLimits>;
  /** Called after each step in the life of a container: tests end the process there. */
  readonly onStep?: OnStep;
}

/** What containers may not exceed together. */
export interface DockerLimits extends PoolLimits {
  /** Most requests of one call. */
  readonly callSize: number;
  /** How long a server that nobody uses is kept. */
  readonly serverIdleMs: number;
  /** So long an opening waits for a server that is starting, before it puts its items off. */
  readonly serverPatienceMs: number;
  /** How often what dead workers left is looked for. */
  readonly sweepMs: number;
}

const defaults: DockerLimits = {
  containers: Math.max(4, 2 * availableParallelism()),
  idleMs: 60_000,
  requests: 100_000,
  memoryShare: 0.85,
  measureMs: 10_000,
  patienceMs: 500,
  callSize: 250,
  serverIdleMs: 10 * 60_000,
  serverPatienceMs: 5_000,
  sweepMs: 60_000,
};

/** Runs satellites in sealed containers. */
export interface DockerRuntime extends SatelliteRuntime {
  /** Asks the engine, and removes what dead workers left; fails with `runtime-unavailable` and one sentence where there is none. */
  ready(): Promise<void>;
}

/**
 * The runtime for satellites of the kind `docker`.
 *
 * @example
 * const runtime = createDockerRuntime({ engine: 'unix:///var/run/docker.sock', satellites, blobs });
 * await runtime.ready();
 */
export function createDockerRuntime(options: DockerRuntimeOptions): DockerRuntime {
  const { workshop, ready, close } = openWorkshop(options);
  const load = verifiedLoad(options.satellites);
  return {
    runs: (locked) => options.satellites.manifest(locked.digest)?.runtime.kind === 'docker',
    async open(locked, openOptions): Promise<OpenDocker> {
      openOptions.signal.throwIfAborted();
      const satellite = await load(locked);
      await ready();
      const endpoints = (await options.endpoints?.(openOptions)) ?? {};
      return openStored({ locked, satellite, openOptions, endpoints }, workshop);
    },
    ready,
    close,
  };
}

/** What all openings share, and the life of it. */
function openWorkshop(options: DockerRuntimeOptions): { readonly workshop: Workshop; ready(): Promise<void>; close(): Promise<void> } {
  const limits = { ...defaults, ...options.limits };
  const engine = new Engine(options.engine);
  const owner = thisProcess();
  const base = options.homes ?? homesOf(userInfo().uid);
  const warn = options.onWarning ?? ((): void => undefined);
  const images = new ImageStore(engine, options.dockerFolder ?? dockerFolder());
  const pool = new ContainerPool(limits);
  const live = new LiveNames();
  const gpuDesk = once(async () => {
    const { gpus, warnings } = await findGpus({ declared: options.gpus ?? null });
    for (const warning of warnings) warn(warning);
    return new GpuDesk(new GpuBook(gpus, () => performance.now()), engine, owner);
  });
  const companions = companionsOf({ engine, images, owner, held: serversOf(base, owner.id), onWarning: warn }, { gpuDesk, limits });
  const leave = announceInUse(() => [...live.all(), ...companions.names()]);
  const sweeping = sweepingOf({ engine, owner, homes: base, live: inUseHere }, { limits, warn });
  const shared = { engine, owner, homes: join(base, owner.id), live, images, pool, gpuDesk, companions: companions.get, limits };
  const onStep = options.onStep ?? ((): void => undefined);
  return {
    workshop: { ...shared, slots: new Slots(limits.containers), blobs: options.blobs, onStep },
    ready: sweeping.begin,
    async close() {
      await pool.close();
      await companions.close();
      await sweeping.end();
      if (leave()) await rm(join(base, owner.id), { recursive: true, force: true });
    },
  };
}

/** The companions, made when the first one is wanted: until then nobody looks for graphics cards. */
function companionsOf(
  parts: Pick<CompanionsOptions, 'engine' | 'images' | 'owner' | 'held' | 'onWarning'>,
  { gpuDesk, limits }: { readonly gpuDesk: () => Promise<GpuDesk>; readonly limits: DockerLimits },
): { get(): Promise<Companions>; names(): readonly string[]; close(): Promise<void> } {
  let made: Companions | null = null;
  const get = once(async () => {
    made = new Companions({ ...parts, gpus: await gpuDesk(), idleMs: limits.serverIdleMs, patienceMs: limits.serverPatienceMs });
    return made;
  });
  return { get, names: () => [...(made?.names() ?? [])], close: async () => made?.close() };
}

/** Asks the engine, looks for what dead workers left, and goes on to look. */
function sweepingOf(
  parts: Pick<SweepOptions, 'engine' | 'owner' | 'homes' | 'live'>,
  { limits, warn }: { readonly limits: DockerLimits; readonly warn: (message: string, error?: unknown) => void },
): { begin(): Promise<void>; end(): Promise<void> } {
  let timer: NodeJS.Timeout | null = null;
  const clean = async (leaveServers: boolean): Promise<void> => {
    try {
      await sweep({ ...parts, now: Date.now(), leaveServers });
    } catch (error) {
      warn('what dead workers left could not be removed', error);
    }
  };
  const begin = once(async () => {
    await parts.engine.ping();
    await clean(true);
    timer = setInterval(() => void clean(false), limits.sweepMs);
    timer.unref();
  });
  const end = async (): Promise<void> => {
    if (timer === null) return;
    clearInterval(timer);
    await clean(false);
  };
  return { begin, end };
}

/**
 * What an image name stands for, as a name that stands for it for ever: with its digest, or its id where it was made on this host.
 *
 * @param options.dockerFolder where `docker login` keeps credentials; default `~/.docker`
 * @throws ExosphereError `image-unavailable`, `runtime-unavailable`
 */
export function imagePin(options: { readonly engine: string; readonly dockerFolder?: string }): (image: string) => Promise<string> {
  const images = new ImageStore(new Engine(options.engine), options.dockerFolder ?? dockerFolder());
  return (image) => images.pinned(image);
}

/** Asks whether a container engine answers. @throws ExosphereError `runtime-unavailable`, with what to do, where none does */
export async function requireContainerEngine(address: string): Promise<void> {
  await new Engine(address).ping();
}

function dockerFolder(): string {
  return join(homedir(), '.docker');
}

/** Loads satellites and verifies, before anything of them runs, that they are what was locked. */
function verifiedLoad(satellites: SatelliteStore): (locked: LockedSatellite) => Promise<StoredSatellite> {
  const verified = new Map<string, StoredSatellite>();
  return async (locked) => {
    const known = verified.get(locked.digest);
    if (known !== undefined) return known;
    const stored = await satellites.load(locked.digest);
    const named = `'${locked.reference}' ${locked.version} (${locked.digest})`;
    if (stored === null)
      throw new ExosphereError('satellite-missing', `The satellite ${named} is not stored here: publish it, or lock the cluster anew.`);
    const found = digestOfStored(stored);
    if (found !== locked.digest) {
      throw new ExosphereError(
        'digest-mismatch',
        `The satellite ${named} was changed after it was locked: what is stored has the digest ${found}.`,
      );
    }
    verified.set(locked.digest, stored);
    return stored;
  };
}

/** Makes a thing when it is first asked for; a failure is not kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}

function homesOf(uid: number): string {
  return uid === 0 ? '/run/exosphere' : join(tmpdir(), `exosphere-${uid}`);
}
