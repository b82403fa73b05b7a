import { availableParallelism } from 'node:os';
import type { NetworkRules } from '@exosphere/egress';
import { networkRules } from '@exosphere/egress';
import { ExosphereError } from '@exosphere/model';
import type { LockedSatellite } from '@exosphere/model';
import type { BlobStore, OpenOptions } from '@exosphere/ports';
import type { StoredSatellite } from '@exosphere/satellite-package';
import type { DockerNeeds } from '@exosphere/satellite-protocol';
import { compileManifestChecks } from '@exosphere/satellite-protocol';
import { containerSeal } from './container-seal.ts';
import type { OnStep } from './container/container.ts';
import { openHome } from './container/home.ts';
import type { Home, HomeOptions } from './container/home.ts';
import { onceCall } from './call/once-call.ts';
import { WarmCall } from './call/warm-call.ts';
import type { Engine } from './engine/engine.ts';
import type { GpuDesk } from './gpu/gpu-desk.ts';
import type { Image, ImageStore, Note } from './images/image-store.ts';
import type { DockerParts } from './open-docker.ts';
import { OpenDocker } from './open-docker.ts';
import type { ContainerPool } from './pool/container-pool.ts';
import type { Slots } from './pool/slots.ts';
import type { Surroundings } from './protocol/request-line.ts';
import type { Companions, OpenCompanion } from './server/companions.ts';
import type { LiveNames } from './sweep/live-names.ts';
import type { Owner } from './sweep/owner.ts';
import { refusedForGpu, warmKinds } from './warm-kinds.ts';

/** What a runtime works with. */
export interface Workshop {
  readonly engine: Engine;
  readonly owner: Owner;
  /** The folder of this process for sockets. */
  readonly homes: string;
  readonly live: LiveNames;
  readonly images: ImageStore;
  readonly pool: ContainerPool;
  readonly slots: Slots;
  readonly gpuDesk: () => Promise<GpuDesk>;
  readonly companions: () => Promise<Companions>;
  readonly blobs: BlobStore;
  readonly limits: { readonly callSize: number };
  readonly onStep: OnStep;
}

/** Which satellite is opened, for whom. */
export interface Opening {
  readonly locked: LockedSatellite;
  readonly satellite: StoredSatellite;
  readonly openOptions: OpenOptions;
  readonly endpoints: Readonly<Record<string, string>>;
}

/** Makes a satellite ready: its image, its companion, its graphics cards. Its containers are started as requests come. */
export async function openStored(opening: Opening, workshop: Workshop): Promise<OpenDocker> {
  const { locked, satellite, openOptions } = opening;
  const { manifest } = satellite;
  if (manifest.runtime.kind !== 'docker')
    throw new ExosphereError('runtime-unavailable', `The satellite '${locked.reference}' does not run in a container.`, {
      retryable: true,
    });
  const note: Note = (message, fields) => openOptions.note?.(message, fields);
  const image = await imageOf(opening, manifest.runtime, { workshop, note });
  const companion = await companionOf(opening, manifest.runtime, { workshop, note });
  try {
    const { gpu } = manifest.resources;
    const cards = gpu === null ? null : await enterDesk(opening, workshop);
    const docker = openWith({ opening, image, companion, cards: cards?.ids ?? null }, manifest.runtime, workshop);
    return new OpenDocker({
      ...docker,
      checks: compileManifestChecks(manifest),
      close: async () => {
        companion?.leave();
        cards?.leave();
      },
    });
  } catch (error) {
    companion?.leave();
    throw error;
  }
}

async function imageOf(
  { locked, satellite }: Opening,
  { image }: DockerNeeds,
  { workshop, note }: { readonly workshop: Workshop; readonly note: Note },
): Promise<Image> {
  // an opening that is given up does not stop what others wait for
  const signal = new AbortController().signal;
  const { archive, reference, digest } = satellite;
  if (archive !== null) return workshop.images.built({ reference, digest, archive }, { note, signal });
  return workshop.images.named(locked.images?.satellite ?? image ?? '', { note, signal });
}

async function companionOf(
  { locked, satellite, openOptions, endpoints }: Opening,
  { server }: DockerNeeds,
  { workshop, note }: { readonly workshop: Workshop; readonly note: Note },
): Promise<OpenCompanion | null> {
  if (server === null || endpoints['server'] !== undefined) return null;
  const { digest, reference } = satellite;
  const image = locked.images?.server ?? server.image;
  const { rules } = networkRules(satellite.manifest.network.allow, endpoints, Number.MAX_SAFE_INTEGER);
  return (await workshop.companions()).open({ project: openOptions.project, reference, digest, needs: server, image, rules, note });
}

async function enterDesk(
  { satellite, openOptions }: Opening,
  { gpuDesk, pool }: Workshop,
): Promise<{ readonly ids: readonly string[]; leave(): void } | null> {
  const { gpu } = satellite.manifest.resources;
  if (gpu === null) return null;
  const desk = await gpuDesk();
  const id = `${openOptions.project}\n${satellite.digest}`;
  const ids = await desk.enter(gpu, { id, name: satellite.reference, stop: () => pool.evict(id) });
  return { ids, leave: () => desk.leave(id) };
}

/** A satellite with all that its containers are made of. */
export interface Ready {
  readonly opening: Opening;
  readonly image: Image;
  readonly companion: OpenCompanion | null;
  /** Null: it asks for none. */
  readonly cards: readonly string[] | null;
}

function openWith(ready: Ready, needs: DockerNeeds, workshop: Workshop): Pick<DockerParts, 'callSize' | 'invoke'> {
  const { opening } = ready;
  const { manifest } = opening.satellite;
  const lodging = lodgingOf(ready, needs, workshop);
  const streams = manifest.output.key !== null;
  const most = mostAtOnce(ready, needs);
  if (needs.mode === 'once') {
    const seal = containerSeal({ ...ready, owner: workshop.owner, kind: 'once' });
    const parts = {
      engine: workshop.engine,
      slots: workshop.slots,
      seal,
      openHome: lodging.openHome,
      surroundings: lodging.surroundings,
      preset: manifest.preset,
      streams,
      onStep: workshop.onStep,
    };
    return {
      callSize: Math.max(1, 2 * most),
      invoke: (call, signal) =>
        onceCall(call, parts, signal).catch((error: unknown) => {
          throw refusedForGpu(error, ready) ?? error;
        }),
    };
  }
  const kindFor = warmKinds({ ready, needs, lodging, most }, workshop);
  const options = { pool: workshop.pool, kindFor, preset: manifest.preset, streams, alone: opening.openOptions.fresh === 'execution' };
  const callSize = Math.min(workshop.limits.callSize, Math.max(1, 8 * needs.concurrency));
  return { callSize, invoke: (call, signal) => new WarmCall(call, options, signal).run() };
}

/** Containers of one satellite at the same time: as many as the cores of this host are enough for. */
function mostAtOnce({ opening, cards }: Ready, { mode, concurrency }: DockerNeeds): number {
  if (cards !== null) return 1;
  const cpu = opening.satellite.manifest.resources.cpu ?? 1;
  const byCores = Math.max(1, Math.floor(availableParallelism() / cpu));
  return mode === 'once' ? Math.min(concurrency, 2 * byCores) : byCores;
}

/** What surrounds a container. */
export interface Lodging {
  readonly openHome: (name: string) => Promise<Home>;
  readonly surroundings: (home: Home) => Surroundings;
}

function lodgingOf({ opening, companion }: Ready, needs: DockerNeeds, { homes, live, blobs }: Workshop): Lodging {
  const { satellite, endpoints, openOptions } = opening;
  const { rules } = networkRules(satellite.manifest.network.allow, endpoints, Number.MAX_SAFE_INTEGER);
  const server = companion === null ? null : (): Promise<OpenCompanion['address']> => companion.find();
  const told = needs.server === null ? endpoints : { ...endpoints, server: serverUrl };
  const reach = needs.server === null ? rules : withServerElsewhere(rules, endpoints['server']);
  return {
    openHome: async (name) => {
      const drop = live.add(name);
      const options: HomeOptions = {
        base: homes,
        name,
        project: openOptions.project,
        blobs,
        rules: reach,
        server,
        onRefused: (message) => openOptions.note?.(message, { container: name }),
      };
      try {
        const home = await openHome(options);
        return { ...home, close: () => home.close().finally(drop) };
      } catch (error) {
        drop();
        throw error;
      }
    },
    surroundings: ({ files, egress }) => ({ concurrency: needs.concurrency, files, egress, endpoints: told }),
  };
}

/** What a satellite calls its companion by, wherever that is. */
const serverUrl = 'http://server';

/** A companion that the environment names is reached by the same address, also by a satellite that may reach nothing else. */
function withServerElsewhere(rules: NetworkRules, url: string | undefined): NetworkRules {
  if (url === undefined) return rules;
  const to = url.replace(/\/+$/, '');
  return { ...rules, allow: [...rules.allow, new URL(serverUrl).host], rewrites: [...rules.rewrites, { from: serverUrl, to }] };
}
