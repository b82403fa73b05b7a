import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkRules } from '@exosphere/egress';
import { ExosphereError } from '@exosphere/model';
import type { ServerNeeds } from '@exosphere/satellite-protocol';
import type { Egress } from '../egress/egress-proxy.ts';
import type { Engine } from '../engine/engine.ts';
import { deviceRequests } from '../gpu/device-requests.ts';
import type { GpuDesk } from '../gpu/gpu-desk.ts';
import { gpusLabel } from '../gpu/gpu-desk.ts';
import { gpuRefusal } from '../gpu/gpu-refusal.ts';
import type { ImageStore, Note } from '../images/image-store.ts';
import type { Owner } from '../sweep/owner.ts';
import { ownerLabel } from '../sweep/sweep.ts';
import type { Address } from './companion.ts';
import { labelsOfRunning, startCompanion } from './companion.ts';
import type { CompanionNetwork } from './companion-egress.ts';
import { egressLabel, openCompanionNetwork } from './companion-egress.ts';
import type { Served } from './server-spec.ts';

/** A companion in use. */
export interface OpenCompanion {
  readonly address: Address;
  /** It is not used here any more: it stays warm for a while. */
  leave(): void;
}

/** Which companion is wanted. */
export interface CompanionWanted {
  readonly project: string;
  readonly reference: string;
  /** Of the satellite. */
  readonly digest: string;
  readonly needs: ServerNeeds;
  /** The image, pinned. */
  readonly image: string;
  /** Where it may connect to. */
  readonly rules: NetworkRules;
  readonly note: Note;
}

export interface CompanionsOptions {
  readonly engine: Engine;
  readonly images: ImageStore;
  readonly gpus: GpuDesk;
  readonly owner: Owner;
  /** A folder in which it is noted which ones are in use, for those who remove what nobody needs. */
  readonly held: string;
  /** How long one that nobody uses is kept. */
  readonly idleMs: number;
  /** So long an opening waits before it says that the server is not ready yet. */
  readonly patienceMs: number;
}

interface Running {
  readonly starting: Promise<Address>;
  isReady: boolean;
  users: number;
  timer: NodeJS.Timeout | null;
  readonly stop: AbortController;
}

/** What a companion is made of, before it has a network. */
interface Made {
  readonly image: string;
  readonly imageVolumes: readonly string[];
  readonly cards: readonly string[] | null;
}

const defaultLimits = { cpu: 2, memoryBytes: 8 * 2 ** 30, processes: 4_096 };

/** The warm companions of satellites: one on this host for each digest and project. */
export class Companions {
  readonly #options: CompanionsOptions;
  readonly #running = new Map<string, Running>();
  readonly #egresses = new Map<string, Egress>();

  constructor(options: CompanionsOptions) {
    this.#options = options;
  }

  /**
   * Starts a companion, or shares the one that runs.
   *
   * @throws ExosphereError `runtime-unavailable`, retryable: it is starting, or waits for a graphics card; as `startCompanion` does
   */
  async open(wanted: CompanionWanted): Promise<OpenCompanion> {
    const name = nameOf(wanted);
    const gpu = wanted.needs.resources.gpu;
    const { gpus } = this.#options;
    const cards = gpu === null ? null : await gpus.enter(gpu, { id: name, name: wanted.reference, stop: () => this.#stop(name) });
    try {
      const running = this.#running.get(name) ?? this.#begin(name, wanted, cards);
      const address = await this.#soon(running, wanted.reference);
      return this.#use(name, running, { address, hasCards: cards !== null });
    } catch (error) {
      if (cards !== null) gpus.leave(name);
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.#stop(name)));
  }

  #use(name: string, running: Running, { address, hasCards }: { readonly address: Address; readonly hasCards: boolean }): OpenCompanion {
    running.users += 1;
    if (running.timer !== null) clearTimeout(running.timer);
    let hasLeft = false;
    return {
      address,
      leave: () => {
        if (hasLeft) return;
        hasLeft = true;
        running.users -= 1;
        if (hasCards) this.#options.gpus.leave(name);
        if (running.users > 0) return;
        running.timer = setTimeout(() => void this.#stop(name).catch(() => undefined), this.#options.idleMs); // the next sweep tries again
        running.timer.unref();
      },
    };
  }

  /** Minutes are too long to wait in silence: whoever opens it is told, and asks again. */
  async #soon(running: Running, reference: string): Promise<Address> {
    const { promise, resolve } = Promise.withResolvers<null>();
    const timer = setTimeout(() => resolve(null), this.#options.patienceMs);
    const address = await Promise.race([running.starting, promise]).finally(() => clearTimeout(timer));
    if (address !== null) return address;
    throw new ExosphereError('runtime-unavailable', `waits for the server of ${reference}, which is starting`, { retryable: true });
  }

  #begin(name: string, wanted: CompanionWanted, cards: readonly string[] | null): Running {
    const stop = new AbortController();
    const starting = this.#start(name, wanted, { cards, signal: stop.signal });
    const running: Running = { starting, isReady: false, users: 0, timer: null, stop };
    this.#running.set(name, running);
    starting.then(
      () => (running.isReady = true),
      () => {
        if (this.#running.get(name) === running) this.#running.delete(name);
        this.#options.gpus.gone(name);
      },
    );
    return running;
  }

  async #start(
    name: string,
    wanted: CompanionWanted,
    { cards, signal }: { readonly cards: readonly string[] | null; readonly signal: AbortSignal },
  ): Promise<Address> {
    const { engine, images } = this.#options;
    const { needs, note } = wanted;
    await mkdir(this.#options.held, { recursive: true });
    await writeFile(join(this.#options.held, name), '');
    const { id, volumes } = await images.named(wanted.image, { note, signal });
    const bare = this.#servedOf(name, wanted, { image: id, imageVolumes: volumes, cards });
    try {
      const { network, isThere } = await this.#networkOf(bare, wanted);
      if (network.egress !== null) this.#egresses.set(name, network.egress);
      const served = { ...bare, environment: network.environment, labels: { ...bare.labels, ...network.labels } };
      return await startCompanion({ engine, served, needs, isThere, note, signal });
    } catch (error) {
      await this.#clear(name);
      const refusal = needs.resources.gpu === null ? null : gpuRefusal(error);
      if (refusal === null) throw error;
      throw new ExosphereError('runtime-unavailable', refusal, { cause: error, retryable: true });
    }
  }

  /** One that runs can be adopted if it is the same, and its egress can be opened where it was told that it is. */
  async #networkOf(
    served: Served,
    { rules, note }: CompanionWanted,
  ): Promise<{ readonly network: CompanionNetwork; readonly isThere: boolean }> {
    const { engine } = this.#options;
    const found = await labelsOfRunning(engine, served.name);
    const isSame = found !== null && found['exosphere.spec'] === served.labels['exosphere.spec'];
    const options = { rules, labels: served.labels, onRefused: (message: string) => note(message, { container: served.name }) };
    const toldPort = Number(found?.[egressLabel] ?? 0);
    if (isSame) {
      const network = await openCompanionNetwork(engine, served, { ...options, port: toldPort }).catch(() => null); // then it is started anew
      if (network !== null) return { network, isThere: true };
    }
    return { network: await openCompanionNetwork(engine, served, { ...options, port: null }), isThere: false };
  }

  #servedOf(name: string, wanted: CompanionWanted, made: Made): Served {
    const { needs, reference, rules } = wanted;
    const { cpu, memoryBytes, gpu } = needs.resources;
    const served: Omit<Served, 'labels'> = {
      ...{ name, reference, image: made.image, command: needs.command, imageVolumes: made.imageVolumes, network: name, environment: {} },
      volumes: Object.fromEntries(needs.volumes.map((path) => [path, volumeOf(wanted, path)])),
      limits: { cpu: cpu ?? defaultLimits.cpu, memoryBytes: memoryBytes ?? defaultLimits.memoryBytes, processes: defaultLimits.processes },
      devices: gpu === null ? [] : deviceRequests(gpu, made.cards),
    };
    return { ...served, labels: this.#labelsOf(wanted, made, hashOf(JSON.stringify([served, rules.allow]))) };
  }

  #labelsOf({ reference, digest, project }: CompanionWanted, { cards }: Made, spec: string): Readonly<Record<string, string>> {
    return {
      [ownerLabel]: this.#options.owner.id,
      'exosphere.kind': 'server',
      'exosphere.satellite': reference,
      'exosphere.digest': digest,
      'exosphere.project': project,
      'exosphere.spec': spec,
      ...(cards === null ? {} : { [gpusLabel]: cards.join(',') }),
    };
  }

  async #stop(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (running === undefined) return;
    this.#running.delete(name);
    if (running.timer !== null) clearTimeout(running.timer);
    running.stop.abort();
    await running.starting.catch(() => undefined); // its end is what is wanted
    await this.#clear(name);
    this.#options.gpus.gone(name);
  }

  async #clear(name: string): Promise<void> {
    await this.#egresses.get(name)?.close();
    this.#egresses.delete(name);
    await rm(join(this.#options.held, name), { force: true });
    await this.#options.engine.remove(name);
    await this.#options.engine.removeNetwork(name);
  }
}

function nameOf({ digest, project }: CompanionWanted): string {
  return `exo-server-${hashOf(`${project}\n${digest}`).slice(0, 24)}`;
}

/** What a server keeps, a model most often, is the same for all versions of the satellite that have the same image name. */
function volumeOf({ project, reference }: CompanionWanted, path: string): string {
  return `exo-keep-${hashOf(`${project}\n${reference}\n${path}`).slice(0, 24)}`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
