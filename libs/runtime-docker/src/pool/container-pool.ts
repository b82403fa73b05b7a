import { ExosphereError, InternalError } from '@exosphere/model';
import type { WarmContainer } from '../container/warm-container.ts';
import { NotReady } from '../container/warm-container.ts';
import type { Home } from '../container/home.ts';

/** A warm container with what surrounds it. */
export interface Lodged {
  readonly container: WarmContainer;
  readonly home: Home;
}

/** Containers that are alike: the same satellite, limits, environment and project. */
export interface ContainerKind {
  /** Names them: containers of the same id are one as good as the other. */
  readonly id: string;
  /** Whose they are: what is evicted together. */
  readonly owner: string;
  /** Requests at a time in one. */
  readonly concurrency: number;
  /** Most of them at a time on this host. */
  readonly most: number;
  /** Others of the same owner have what they need, so that there is one kind of them at a time. */
  readonly isExclusive: boolean;
  start(signal: AbortSignal): Promise<Lodged>;
}

export interface PoolLimits {
  /** Containers of all kinds at the same time. */
  readonly containers: number;
  /** How long one with nothing to do is kept. */
  readonly idleMs: number;
  /** After so many requests a container is replaced. */
  readonly requests: number;
  /** A container that uses more than this share of its memory is replaced. */
  readonly memoryShare: number;
  /** How often that is looked at. */
  readonly measureMs: number;
  /** Others are started only when somebody has waited so long. */
  readonly patienceMs: number;
}

/** A place for one request in a warm container. */
export interface Place extends Lodged {
  release(): void;
}

interface Waiter {
  readonly since: number;
  /** It wants a container that works on nothing else, before or after. */
  readonly alone: boolean;
  readonly give: (place: Place) => void;
  readonly fail: (error: unknown) => void;
}

interface Group {
  /** As it was asked for last: whoever asked before may be gone. */
  kind: ContainerKind;
  /** With how many of its places are taken. */
  readonly ready: Map<Lodged, number>;
  readonly starting: Set<AbortController>;
  /** Those that are on their way out, and still have what they have. */
  closing: number;
  /** No other one is started before, by `performance.now()`: the last one did not come up. */
  holdUntil: number;
  readonly waiting: Waiter[];
}

/**
 * The warm containers of this host: requests wait for a place in one of their kind, in order; containers are started as they are
 * needed, and stopped when they have had nothing to do for a while, or when another kind needs their room.
 */
export class ContainerPool {
  readonly #limits: PoolLimits;
  readonly #groups = new Map<string, Group>();
  readonly #stop = new AbortController();
  readonly #work = new Set<Promise<unknown>>();
  readonly #timer: NodeJS.Timeout;
  #measuredAt = 0;

  constructor(limits: PoolLimits) {
    this.#limits = limits;
    this.#timer = setInterval(() => this.#look(), Math.max(10, Math.min(limits.idleMs / 4, limits.patienceMs)));
    this.#timer.unref();
  }

  /**
   * Waits for a place.
   *
   * @throws what starting a container throws; `runtime-unavailable` once the pool is closed; the signal's reason
   */
  acquire(kind: ContainerKind, { alone, signal }: { readonly alone: boolean; readonly signal: AbortSignal }): Promise<Place> {
    if (this.#stop.signal.aborted) return Promise.reject(closed());
    if (signal.aborted) return Promise.reject(signal.reason as Error); // an AbortError
    const group = this.#groupOf(kind);
    return new Promise<Place>((resolve, reject) => {
      const leave = (): void => {
        const at = group.waiting.indexOf(waiter);
        if (at >= 0) group.waiting.splice(at, 1);
        reject(signal.reason as Error); // an AbortError
      };
      const waiter: Waiter = {
        since: performance.now(),
        alone,
        give: (place) => {
          signal.removeEventListener('abort', leave);
          resolve(place);
        },
        fail: (error) => {
          signal.removeEventListener('abort', leave);
          reject(error instanceof Error ? error : new InternalError('a container could not be started', { cause: error }));
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      group.waiting.push(waiter);
      this.#serve(group);
    });
  }

  /** Stops the containers of an owner as soon as they have nothing to do; settles when they are gone. */
  async evict(owner: string): Promise<void> {
    const groups = [...this.#groups.values()].filter(({ kind }) => kind.owner === owner);
    for (const { starting } of groups) for (const start of starting) start.abort();
    const ended = groups.flatMap(({ ready }) => [...ready.keys()].map(({ container }) => container.ended));
    for (const group of groups) {
      for (const [lodged, taken] of group.ready) {
        lodged.container.isRetired = true;
        if (taken === 0) this.#end(group, lodged);
      }
    }
    await Promise.all([...ended, ...groups.map(async (group) => this.#untilNoneStarts(group))]);
  }

  async #untilNoneStarts({ starting }: Group): Promise<void> {
    while (starting.size > 0) await Promise.race([...this.#work]);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    for (const group of this.#groups.values()) {
      for (const waiter of group.waiting.splice(0)) waiter.fail(closed());
      for (const lodged of group.ready.keys()) this.#end(group, lodged);
    }
    while (this.#work.size > 0) await Promise.allSettled([...this.#work]);
  }

  #groupOf(kind: ContainerKind): Group {
    const known = this.#groups.get(kind.id);
    if (known !== undefined) {
      known.kind = kind;
      return known;
    }
    const group: Group = { kind, ready: new Map(), starting: new Set(), closing: 0, holdUntil: 0, waiting: [] };
    this.#groups.set(kind.id, group);
    return group;
  }

  /** Gives out what is free, and starts what is wanted. */
  #serve(group: Group): void {
    while (group.waiting[0] !== undefined) {
      const [waiter] = group.waiting;
      const lodged = this.#free(group, waiter.alone);
      if (lodged === null) break;
      group.waiting.shift();
      this.#place(group, waiter, lodged);
    }
    if (this.#wantsAnother(group)) this.#begin(group);
  }

  #free({ ready, kind }: Group, alone: boolean): Lodged | null {
    let best: Lodged | null = null;
    let bestTaken = -1;
    for (const [lodged, taken] of ready) {
      const { container } = lodged;
      if (!container.isUsable || taken >= kind.concurrency) continue;
      if (alone && container.served + taken > 0) continue;
      // the fullest one: others fall idle and can be stopped
      if (taken > bestTaken) [best, bestTaken] = [lodged, taken];
    }
    return best;
  }

  #place(group: Group, waiter: Waiter, lodged: Lodged): void {
    const { container } = lodged;
    this.#count(group, lodged, 1);
    if (waiter.alone || container.served + 1 >= this.#limits.requests) container.isRetired = true;
    waiter.give({
      ...lodged,
      release: () => {
        this.#count(group, lodged, -1);
        if (container.isRetired && group.ready.get(lodged) === 0) this.#end(group, lodged);
        this.#serve(group);
      },
    });
  }

  /** One that has ended meanwhile is not counted any more. */
  #count({ ready }: Group, lodged: Lodged, change: number): void {
    const taken = ready.get(lodged);
    if (taken !== undefined) ready.set(lodged, taken + change);
  }

  #wantsAnother({ waiting, ready, starting, closing, holdUntil, kind }: Group): boolean {
    const [first] = waiting;
    const now = performance.now();
    if (first === undefined || now < holdUntil) return false;
    const willTake = starting.size * (first.alone ? 1 : kind.concurrency);
    if (kind.isExclusive && !this.#areGone(kind)) return false;
    if (waiting.length <= willTake || ready.size + starting.size + closing >= kind.most) return false;
    const usable = [...ready.keys()].filter(({ container }) => container.isUsable);
    const isUrgent = usable.length + starting.size === 0 || first.alone;
    return (isUrgent || now - first.since >= this.#limits.patienceMs) && this.#makeRoom();
  }

  /** Whether no container of another kind of this owner is there; those that have nothing to do are sent away. */
  #areGone({ id, owner }: ContainerKind): boolean {
    const others = [...this.#groups.values()].filter(({ kind }) => kind.owner === owner && kind.id !== id);
    for (const group of others) for (const [lodged, taken] of group.ready) if (taken === 0) this.#end(group, lodged);
    return others.every(({ ready, starting, closing }) => ready.size + starting.size + closing === 0);
  }

  /** Stops one that has nothing to do, where there are as many as there may be. False: all of them are at work. */
  #makeRoom(): boolean {
    const groups = [...this.#groups.values()];
    const count = groups.reduce((sum, { ready, starting }) => sum + ready.size + starting.size, 0);
    if (count < this.#limits.containers) return true;
    const idle = groups.flatMap((group) => [...group.ready].flatMap(([lodged, taken]) => (taken === 0 ? [{ group, lodged }] : [])));
    const oldest = idle.sort((a, b) => a.lodged.container.idleSince - b.lodged.container.idleSince)[0];
    if (oldest === undefined) return false;
    this.#end(oldest.group, oldest.lodged);
    return true;
  }

  #begin(group: Group): void {
    const stop = new AbortController();
    group.starting.add(stop);
    const starting = group.kind.start(AbortSignal.any([this.#stop.signal, stop.signal])).then(
      (lodged) => {
        group.starting.delete(stop);
        if (this.#stop.signal.aborted || stop.signal.aborted) return this.#end(group, lodged);
        group.ready.set(lodged, 0);
        this.#keep(lodged.container.ended.then(() => this.#gone(group, lodged)));
        this.#serve(group);
      },
      (error: unknown) => {
        group.starting.delete(stop);
        this.#notStarted(group, error);
      },
    );
    this.#keep(starting);
  }

  /**
   * While another one works, those that wait have it. Otherwise those fail that this one would have taken, or all of them where it is the
   * engine that does not go on.
   */
  #notStarted(group: Group, error: unknown): void {
    const works = [...group.ready.keys()].some(({ container }) => container.isUsable);
    if (works) group.holdUntil = performance.now() + holdMs;
    const count = works ? 0 : error instanceof NotReady ? group.kind.concurrency : group.waiting.length;
    for (const waiter of group.waiting.splice(0, count)) waiter.fail(error);
    this.#serve(group);
  }

  /** Stops one that works on nothing, in the background. */
  #end(group: Group, lodged: Lodged): void {
    group.ready.delete(lodged);
    group.closing += 1;
    const closed = async (): Promise<void> => {
      await lodged.container.close(closeGraceMs).finally(() => (group.closing -= 1));
      this.#serve(group);
      await lodged.home.close();
    };
    this.#keep(closed());
  }

  #gone(group: Group, lodged: Lodged): Promise<void> | void {
    if (!group.ready.delete(lodged)) return; // it was stopped by us, and its home is closed there
    this.#serve(group);
    return lodged.home.close();
  }

  #keep(work: Promise<unknown>): void {
    const kept = work.catch(() => undefined).finally(() => this.#work.delete(kept));
    this.#work.add(kept);
  }

  /** One whose memory grows is replaced before it hits its limit. */
  async #measure(group: Group, lodged: Lodged): Promise<void> {
    const share = await lodged.container.memoryShare();
    if (share === null || share < this.#limits.memoryShare) return;
    lodged.container.isRetired = true;
    if (group.ready.get(lodged) === 0) this.#end(group, lodged);
  }

  #look(): void {
    const now = performance.now();
    const isTimeToMeasure = now - this.#measuredAt >= this.#limits.measureMs;
    if (isTimeToMeasure) this.#measuredAt = now;
    for (const [id, group] of this.#groups) {
      for (const [lodged, taken] of group.ready) {
        if (taken === 0 && now - lodged.container.idleSince >= this.#limits.idleMs) this.#end(group, lodged);
        else if (isTimeToMeasure) this.#keep(this.#measure(group, lodged));
      }
      this.#serve(group);
      if (group.ready.size + group.starting.size + group.closing + group.waiting.length === 0) this.#groups.delete(id);
    }
  }
}

const closeGraceMs = 2_000;
/** So long after one that did not come up no other one is tried. */
const holdMs = 10_000;

function closed(): ExosphereError {
  return new ExosphereError('runtime-unavailable', 'The runtime for containers is closed.', { retryable: true });
}
