import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ExosphereError } from '@exosphere/model';
import type { Egress } from '../egress/egress-proxy.ts';
import type { Engine } from '../engine/engine.ts';
import type { GpuDesk } from '../gpu/gpu-desk.ts';
import { gpuRefusal } from '../gpu/gpu-refusal.ts';
import type { ImageStore } from '../images/image-store.ts';
import type { Owner } from '../sweep/owner.ts';
import { isHeldElsewhere } from '../sweep/sweep.ts';
import type { Address, Started } from './companion.ts';
import { startCompanion } from './companion.ts';
import { isRunning, prepareServer } from './standing-server.ts';
import type { CompanionWanted } from './wanted-server.ts';
import { nameOf, servedOf } from './wanted-server.ts';

export type { CompanionWanted } from './wanted-server.ts';

/** A companion in use. */
export interface OpenCompanion {
  /** Where it was when it was opened. */
  readonly address: Address;
  /**
   * Where it is now. One that has ended is started anew.
   *
   * @throws ExosphereError `runtime-unavailable`, retryable, while that goes on; as `Companions.open` does
   */
  find(): Promise<Address>;
  /** It is not used here any more: it stays warm for a while. */
  leave(): void;
}

export interface CompanionsOptions {
  readonly engine: Engine;
  readonly images: ImageStore;
  readonly gpus: GpuDesk;
  readonly owner: Owner;
  /** A folder in which it is noted which ones are in use, for those who remove what nobody needs: `serversOf(homes, owner.id)`. */
  readonly held: string;
  /** How long one that nobody uses is kept. */
  readonly idleMs: number;
  /** So long an opening waits before it says that the server is not ready yet. */
  readonly patienceMs: number;
  /** One could not be removed; the next sweep tries again. */
  readonly onWarning?: (message: string, error: unknown) => void;
}

interface Running {
  readonly starting: Promise<Started>;
  /** Null: it is not ready yet. */
  started: Started | null;
  /** When it was last seen to run, by `performance.now()`. */
  seenAt: number;
  /** The worker that started it has its egress open. */
  isShared: boolean;
  egress: Egress | null;
  timer: NodeJS.Timeout | null;
  readonly stop: AbortController;
}

/** Connections come by the hundred; an inspection takes milliseconds. */
const lookAgainMs = 1_000;

/** The warm companions of satellites: one on this host for each digest and project, shared by the workers of this host. */
export class Companions {
  readonly #options: CompanionsOptions;
  readonly #running = new Map<string, Running>();
  readonly #users = new Map<string, number>();
  /** What is being taken away: the next of that name begins after it. */
  readonly #ending = new Map<string, Promise<void>>();
  #isClosed = false;

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
      const address = await this.#find(name, wanted, { cards, lookAgainMs: 0 });
      return this.#use(name, wanted, { address, cards });
    } catch (error) {
      if (cards !== null) this.#leaveCards(name);
      throw error;
    }
  }

  /** Names of the containers and networks that are in use here, or being made or taken away. */
  names(): readonly string[] {
    return [...this.#running.keys(), ...this.#ending.keys()].flatMap((name) => [name, `${name}-own`]);
  }

  /** What the engine does not remove now is left to a sweep. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#ending.values(), ...[...this.#running.keys()].map((name) => this.#stop(name))]);
  }

  #use(
    name: string,
    wanted: CompanionWanted,
    { address, cards }: { readonly address: Address; readonly cards: readonly string[] | null },
  ): OpenCompanion {
    this.#users.set(name, (this.#users.get(name) ?? 0) + 1);
    const timer = this.#running.get(name)?.timer ?? null;
    if (timer !== null) clearTimeout(timer);
    let hasLeft = false;
    return {
      address,
      find: () => this.#find(name, wanted, { cards, lookAgainMs }),
      leave: () => {
        if (hasLeft) return;
        hasLeft = true;
        this.#users.set(name, (this.#users.get(name) ?? 1) - 1);
        if (cards !== null) this.#leaveCards(name);
        this.#stopWhenIdle(name);
      },
    };
  }

  #leaveCards(name: string): void {
    this.#options.gpus.leave(name);
    if (!this.#running.has(name)) this.#options.gpus.gone(name);
  }

  /** Nothing happens while somebody uses it, or while it is starting: then it is asked again when it is ready. */
  #stopWhenIdle(name: string): void {
    const running = this.#running.get(name);
    if (running === undefined || running.started === null || (this.#users.get(name) ?? 0) > 0) return;
    if (running.timer !== null) clearTimeout(running.timer);
    running.timer = setTimeout(() => void this.#stop(name), this.#options.idleMs);
    running.timer.unref();
  }

  async #find(
    name: string,
    wanted: CompanionWanted,
    { cards, lookAgainMs }: { readonly cards: readonly string[] | null; readonly lookAgainMs: number },
  ): Promise<Address> {
    await this.#dropEnded(name, lookAgainMs);
    if (this.#isClosed) throw new ExosphereError('runtime-unavailable', 'The runtime for containers is closed.', { retryable: true });
    const running = this.#running.get(name) ?? this.#begin(name, wanted, cards);
    return running.started?.address ?? this.#soon(running, wanted.reference);
  }

  /** One that has ended begins anew. So does one whose worker has let go of it: its egress has to be opened here. */
  async #dropEnded(name: string, lookAgainMs: number): Promise<void> {
    const running = this.#running.get(name);
    if (running === undefined || running.started === null || performance.now() - running.seenAt < lookAgainMs) return;
    const isThere = await isRunning(this.#options.engine, running.started.id);
    running.seenAt = performance.now();
    if (isThere && !(running.isShared && !(await this.#isHeldElsewhere(name)))) return;
    if (this.#running.get(name) !== running) return;
    this.#running.delete(name);
    if (running.timer !== null) clearTimeout(running.timer);
    await running.egress?.close();
  }

  /** Minutes are too long to wait in silence: whoever opens it is told, and asks again. */
  async #soon(running: Running, reference: string): Promise<Address> {
    const { promise, resolve } = Promise.withResolvers<null>();
    const timer = setTimeout(() => resolve(null), this.#options.patienceMs);
    const started = await Promise.race([running.starting, promise]).finally(() => clearTimeout(timer));
    if (started !== null) return started.address;
    throw new ExosphereError('runtime-unavailable', `waits for the server of ${reference}, which is starting`, { retryable: true });
  }

  #begin(name: string, wanted: CompanionWanted, cards: readonly string[] | null): Running {
    const stop = new AbortController();
    const { promise: starting, resolve, reject } = Promise.withResolvers<Started>();
    const running: Running = { starting, started: null, seenAt: 0, isShared: false, egress: null, timer: null, stop };
    this.#running.set(name, running);
    // until it is ready it uses its cards itself, also where nobody waits for it any more
    if (cards !== null) this.#options.gpus.hold(name);
    this.#start(running, wanted, cards).then(resolve, reject);
    starting.then(
      (started) => {
        running.started = started;
        running.seenAt = performance.now();
        if (cards !== null) this.#options.gpus.leave(name);
        this.#stopWhenIdle(name);
      },
      () => {
        if (this.#running.get(name) === running) this.#running.delete(name);
        if (cards !== null) this.#leaveCards(name);
      },
    );
    return running;
  }

  async #start(running: Running, wanted: CompanionWanted, cards: readonly string[] | null): Promise<Started> {
    const { engine, images, held, owner } = this.#options;
    const { needs, note, rules } = wanted;
    const { signal } = running.stop;
    const name = nameOf(wanted);
    await this.#ending.get(name);
    try {
      await mkdir(held, { recursive: true });
      await writeFile(join(held, name), '');
      const image = await images.named(wanted.image, { note, signal });
      const bare = servedOf(wanted, { image, cards, owner });
      const prepared = await prepareServer(engine, bare, { rules, note, isHeldElsewhere: () => this.#isHeldElsewhere(name) });
      running.egress = prepared.egress;
      running.isShared = prepared.isShared;
      return await startCompanion({ engine, ...prepared, needs, note, signal });
    } catch (error) {
      await this.#clear(name, running);
      const refusal = needs.resources.gpu === null ? null : gpuRefusal(error);
      if (refusal === null) throw error;
      throw new ExosphereError('runtime-unavailable', refusal, { cause: error, retryable: true });
    }
  }

  async #stop(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (running === undefined) return this.#ending.get(name);
    this.#running.delete(name);
    if (running.timer !== null) clearTimeout(running.timer);
    running.stop.abort();
    const cleared = running.starting.then(
      () => this.#clear(name, running),
      () => undefined, // it has cleared up
    );
    const ending = cleared.then(() => {
      if (this.#ending.get(name) === ending) this.#ending.delete(name);
    });
    this.#ending.set(name, ending);
    await ending;
    this.#options.gpus.gone(name);
  }

  /** Lets go of it; it is removed where nobody else uses it. Never fails: a sweep removes what is left. */
  async #clear(name: string, { egress }: Running): Promise<void> {
    const { engine, held, onWarning } = this.#options;
    try {
      await egress?.close();
      await rm(join(held, name), { force: true });
      if (await this.#isHeldElsewhere(name)) return;
      await engine.remove(name);
      await engine.removeNetwork(name);
    } catch (error) {
      onWarning?.(`the server ${name} could not be removed`, error);
    }
  }

  #isHeldElsewhere(name: string): Promise<boolean> {
    const { held, owner } = this.#options;
    return isHeldElsewhere(name, dirname(dirname(held)), owner);
  }
}
