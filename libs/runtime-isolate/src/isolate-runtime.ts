import { Buffer } from 'node:buffer';
import { availableParallelism } from 'node:os';
import { networkRules } from '@exosphere/egress';
import { ExosphereError } from '@exosphere/model';
import type { LockedSatellite } from '@exosphere/model';
import type { BlobStore, OpenOptions, SatelliteRuntime } from '@exosphere/ports';
import type { SatelliteStore, StoredSatellite } from '@exosphere/satellite-package';
import { satelliteDigest } from '@exosphere/satellite-package';
import { compileManifestChecks } from '@exosphere/satellite-protocol';
import { guestCode } from './guest-code.ts';
import type { GuestLimits } from './link/messages.ts';
import { OpenIsolate } from './open-isolate.ts';
import { watchMemory } from './process/memory-watch.ts';
import { SandboxPool } from './process/sandbox-pool.ts';

/** What a runtime is made of. Everything but the first two has a default. */
export interface IsolateRuntimeOptions {
  readonly satellites: SatelliteStore;
  readonly blobs: BlobStore;
  /** The endpoints of a run's environment (spec 4.4): service name or URL prefix → base URL. */
  readonly endpoints?: (options: OpenOptions) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** The Node binary that sandbox processes run: 24, for which isolated-vm is built. */
  readonly node?: string;
  /** Overrides Node's arguments: for tests of what happens without them. */
  readonly nodeArguments?: readonly string[];
  readonly limits?: Partial<IsolateLimits>;
}

/** What satellites may not exceed. */
export interface IsolateLimits extends GuestLimits {
  readonly responseBytes: number;
  /** Sandbox processes at the same time; a project that has none gets one beyond that. */
  readonly processes: number;
  /** Calls at the same time in one process. */
  readonly callsPerProcess: number;
  /** Requests of one call. */
  readonly callSize: number;
  /** Most memory of one sandbox process. */
  readonly processBytes: number;
  /** How long an idle process is kept. */
  readonly idleMs: number;
}

const defaults: IsolateLimits = {
  objectCharacters: 64 * 2 ** 20,
  logRecords: 1_000,
  logCharacters: 512 * 1024,
  responseBytes: 2 ** 30,
  processes: Math.max(4, 2 * availableParallelism()),
  callsPerProcess: 64,
  callSize: 250,
  processBytes: 2 * 2 ** 30,
  idleMs: 30_000,
};

/** A process without cells: Node, the HTTP client, buffers. */
const baseBytes = 224 * 2 ** 20;
const lookEveryMs = 50;

/** Runs satellites in V8 isolates, in sandbox processes apart from this one. */
export interface IsolateRuntime extends SatelliteRuntime {
  /** Starts the first sandbox process; fails with `runtime-unavailable` and one sentence where this machine cannot run any. */
  ready(): Promise<void>;
}

/**
 * The runtime for satellites of the kind `isolate`.
 *
 * @example
 * const runtime = createIsolateRuntime({ satellites: await openLocalSatellites({ folders, cacheFolder }), blobs });
 * await runtime.ready();
 */
export function createIsolateRuntime(options: IsolateRuntimeOptions): IsolateRuntime {
  const limits = { ...defaults, ...options.limits };
  const pool = new SandboxPool({
    node: options.node ?? process.execPath,
    ...(options.nodeArguments === undefined ? {} : { nodeArguments: options.nodeArguments }),
    guest: async () => Buffer.from(await guestCode()),
    watch: watchMemory(lookEveryMs),
    mostProcesses: limits.processes,
    mostCellsPerProcess: limits.callsPerProcess,
    baseBytes,
    mostBytes: limits.processBytes,
    idleMs: limits.idleMs,
  });
  const load = verifiedLoad(options.satellites);
  return {
    runs(locked) {
      const manifest = options.satellites.manifest(locked.digest);
      return manifest === null ? locked.reference.startsWith('satellite/') : manifest.runtime.kind === 'isolate';
    },
    async open(locked, openOptions) {
      openOptions.signal.throwIfAborted();
      const satellite = await load(locked);
      const endpoints = (await options.endpoints?.(openOptions)) ?? {};
      return openStored({ locked, satellite, openOptions, endpoints }, { pool, blobs: options.blobs, limits });
    },
    ready: () => pool.warmUp(),
    close: () => pool.close(),
  };
}

/** Loads satellites and verifies, before anything of them runs, that they are what was locked. */
function verifiedLoad(satellites: SatelliteStore): (locked: LockedSatellite) => Promise<StoredSatellite> {
  const verified = new Map<string, StoredSatellite>();
  return async (locked) => {
    const known = verified.get(locked.digest);
    if (known !== undefined) return known;
    const stored = await satellites.load(locked.digest);
    if (stored === null) throw missing(locked);
    if (stored.bundle !== null) {
      const found = satelliteDigest(stored.manifest, stored.bundle);
      if (found !== locked.digest) throw mismatch(locked, found);
    }
    verified.set(locked.digest, stored);
    return stored;
  };
}

function openStored(
  what: {
    readonly locked: LockedSatellite;
    readonly satellite: StoredSatellite;
    readonly openOptions: OpenOptions;
    readonly endpoints: Readonly<Record<string, string>>;
  },
  { pool, blobs, limits }: { readonly pool: SandboxPool; readonly blobs: BlobStore; readonly limits: IsolateLimits },
): OpenIsolate {
  const { locked, satellite, openOptions, endpoints } = what;
  const { manifest, bundle, digest } = satellite;
  if (manifest.runtime.kind !== 'isolate' || bundle === null) throw notForIsolates(locked);
  const { rules, services } = networkRules(manifest.network.allow, endpoints, limits.responseBytes);
  const streams = manifest.output.key !== null;
  return new OpenIsolate({
    pool,
    blobs,
    owner: {
      project: openOptions.project,
      satellite: { digest, bundle, memoryMiB: Math.ceil(manifest.runtime.memoryBytes / 2 ** 20) },
      cellOptions: { satellite: digest, network: rules, services, streams, limits: guestLimits(limits) },
    },
    preset: Object.keys(manifest.preset).length === 0 ? null : manifest.preset,
    checks: compileManifestChecks(manifest),
    // The time limit of a stream counts from its last object: requests of one call would end at different times.
    callSize: streams ? 1 : Math.min(limits.callSize, manifest.runtime.concurrency),
    fresh: openOptions.fresh,
  });
}

function guestLimits({ objectCharacters, logRecords, logCharacters }: IsolateLimits): GuestLimits {
  return { objectCharacters, logRecords, logCharacters };
}

function named({ reference, version, digest }: LockedSatellite): string {
  return `'${reference}' ${version} (${digest})`;
}

function missing(locked: LockedSatellite): ExosphereError {
  return new ExosphereError(
    'satellite-missing',
    `The satellite ${named(locked)} is not stored here: publish it, or lock the cluster anew.`,
  );
}

function mismatch(locked: LockedSatellite, found: string): ExosphereError {
  return new ExosphereError(
    'digest-mismatch',
    `The satellite ${named(locked)} was changed after it was locked: what is stored has the digest ${found}.`,
  );
}

function notForIsolates(locked: LockedSatellite): ExosphereError {
  return new ExosphereError('runtime-unavailable', `The satellite ${named(locked)} runs in a container; this worker runs isolates only.`, {
    retryable: true,
  });
}
