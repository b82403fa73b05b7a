import type { RunId, ShardId, WorkerId } from '@exosphere/model';
import { ExosphereError, asId, uuidv7 } from '@exosphere/model';
import type {
  BlobStore,
  ClaimedShard,
  Clock,
  Lease,
  Ledger,
  RunControl,
  SatelliteRuntime,
  SecretSource,
  WorkerReport,
} from '@exosphere/ports';
import type { ExecutionFacts } from '@exosphere/run-machine';
import { decodeMembers, encodeMembers } from '@exosphere/run-machine';
import type { Desk } from './desk.ts';
import { finishRun } from './finish-run.ts';
import { Flusher } from './flusher.ts';
import { chargeLoss } from './losses.ts';
import { ObjectTexts } from './object-texts.ts';
import { OpenSatellites } from './open-satellites.ts';
import type { RunInfo } from './run-info.ts';
import { RunRegistry } from './run-info.ts';
import type { ShardEnd } from './shard-work.ts';
import { ShardWork } from './shard-work.ts';
import { isSettling, judgeTolerance } from './tolerance.ts';
import { Wake } from './wake.ts';

export interface WorkerOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly runtimes: readonly SatelliteRuntime[];
  readonly secrets: SecretSource;
  readonly functions: ExecutionFacts['functions'];
  /** For lists that are too large to be values; without it steps that read such a list fail. */
  readonly blobs?: BlobStore;
  readonly report: WorkerReport;
  /** Most shards at once; default 4. */
  readonly shards?: number;
  /** Commits under way at once; default 2. */
  readonly flushers?: number;
  /** ms between two looks for work where nobody says that there is some; default 500. */
  readonly pollMs?: number;
  /** ms that a drain waits for what runs; default 10,000. */
  readonly drainMs?: number;
  readonly hold?: Desk['hold'];
}

const renewEveryMs = 5_000;
/** Who could not renew for so long stops its attempts itself; the lease lasts 20 s. */
const givenUpAfterMs = 15_000;
const longRunningMs = 2_000;

/** Takes shards, works on them, and records what came of it. Any number of workers share one ledger. */
export class Worker {
  readonly id: WorkerId;
  readonly #options: WorkerOptions;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #runs: RunRegistry;
  readonly #works = new Map<ShardId, ShardWork>();
  readonly #flusher: Flusher;
  readonly #satellites: OpenSatellites;
  readonly #desk: Desk;
  readonly #wake: Wake;
  readonly #stop = new AbortController();
  #isDraining = false;
  #alarm: { readonly dueAt: number; readonly stop: AbortController } | null = null;
  #renewedAt: number;

  constructor(options: WorkerOptions) {
    const { ledger, clock, report } = options;
    this.id = asId<WorkerId>(uuidv7(clock.now(), clock.bytes(10)));
    this.#options = options;
    this.#ledger = ledger;
    this.#clock = clock;
    this.#renewedAt = clock.now();
    this.#runs = new RunRegistry(ledger);
    this.#wake = new Wake(clock);
    this.#satellites = new OpenSatellites(options.runtimes, this.#stop.signal);
    this.#flusher = new Flusher({
      ledger,
      shards: this.#works,
      slot: (clock.bytes(1)[0] ?? 0) % 16,
      report,
      flushers: options.flushers ?? 2,
      news: {
        fired: (shards) => this.#takeFired(shards),
        settled: (runs) => this.#settle(runs),
        controls: (controls) => void this.#hear(controls),
        delayed: (dueAt) => this.#wakeAt(dueAt),
      },
    });
    this.#desk = {
      ledger,
      clock,
      report,
      secrets: options.secrets,
      functions: options.functions,
      blobs: options.blobs ?? null,
      texts: new ObjectTexts(),
      satellites: this.#satellites,
      dirty: this.#flusher.dirty,
      hold: options.hold ?? null,
    };
  }

  /** How many shards it holds. */
  get holding(): number {
    return this.#works.size;
  }

  /** There may be work: look at once. */
  nudge(): void {
    this.#wake.ring();
  }

  /** A new round of the run has begun: what is known of it is no longer true. */
  forget(run: RunId): void {
    this.#runs.forget(run);
  }

  /** Works until the signal aborts, then drains: what runs may end, leases are given back. */
  async work(signal: AbortSignal): Promise<void> {
    const listening = this.#ledger.listen(() => this.#wake.ring(), { signal });
    listening.catch((error: unknown) => this.#warn('listening for work failed; polling goes on', error));
    const renewing = this.#renewLoop();
    await this.#claimLoop(signal);
    await this.#drain();
    this.#stop.abort();
    await Promise.all([renewing, listening.catch(() => undefined)]); // said above
    await this.#satellites.closeAll();
  }

  async #claimLoop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const room = (this.#options.shards ?? 4) - this.#works.size;
      const claimed = room > 0 ? await this.#claim(room) : [];
      this.#take(claimed);
      if (claimed.length === 0) await this.#wake.wait(this.#options.pollMs ?? 500, signal);
    }
  }

  async #claim(max: number): Promise<readonly ClaimedShard[]> {
    try {
      return await this.#ledger.claim(this.id, { max });
    } catch (error) {
      this.#warn('no work could be claimed', error);
      return [];
    }
  }

  #take(shards: readonly ClaimedShard[]): void {
    for (const shard of shards) void this.#workOn(shard);
  }

  /** A percentage that can be judged now is judged before anything that follows starts. */
  async #takeFired(shards: readonly ClaimedShard[]): Promise<void> {
    for (const shard of shards) {
      const settling = decodeMembers(shard.members).filter((member) => isSettling(member.step));
      for (const member of settling) {
        const run = await this.#runs.get(shard.run);
        const isExceeded = await judgeTolerance(this.#ledger, run, member.step);
        if (isExceeded) await this.#hear(new Map([[shard.run, 'stopping']]));
      }
    }
    this.#take(shards);
  }

  async #workOn(shard: ClaimedShard): Promise<void> {
    let end: ShardEnd = { kind: 'released', dueAt: this.#clock.now() + 1_000 };
    try {
      const run = await this.#current(shard.run);
      const work = new ShardWork(shard, run, this.#desk);
      this.#works.set(shard.id, work);
      if (shard.losses > 0) await chargeLoss(this.#desk, work);
      if (this.#isDraining) work.drain();
      end = await work.begin();
    } catch (error) {
      this.#warn('a shard could not be worked on', error);
    }
    this.#works.delete(shard.id);
    await this.#letGo(shard, end);
    this.#wake.ring();
    if (![...this.#works.values()].some((work) => work.shard.run === shard.run)) await this.#satellites.close(shard.run);
  }

  /**
   * The run as it is now: since this worker last heard of it, it may have been cancelled, or a new round may have begun. Only who holds a
   * lease is told of that.
   */
  async #current(id: RunId): Promise<RunInfo> {
    const { info, control } = await this.#runs.current(id);
    await this.#hear(new Map([[id, control]]));
    return info;
  }

  /** Gives the lease back, so that nobody has to wait until it lapses. */
  async #letGo(shard: ClaimedShard, end: ShardEnd): Promise<void> {
    if (end.kind === 'finished') return;
    const dueAt = end.kind === 'released' ? end.dueAt : null;
    try {
      await this.#ledger.release([{ shard: shard.id, epoch: shard.epoch, dueAt }]);
      if (dueAt !== null) this.#wakeAt(dueAt);
    } catch (error) {
      this.#warn('a lease could not be given back; it lapses', error);
    }
  }

  #settle(runs: readonly RunId[]): void {
    for (const run of runs) {
      finishRun({ ledger: this.#ledger, clock: this.#clock, runs: this.#runs }, run)
        .then(() => this.#wake.ring())
        .catch((error: unknown) => this.#warn('a run could not be ended yet', error));
    }
  }

  async #hear(controls: ReadonlyMap<RunId, RunControl>): Promise<void> {
    for (const [run, control] of controls) {
      if (!(await this.#runs.hear(run, control))) continue;
      for (const work of this.#works.values()) if (work.shard.run === run) work.heed();
    }
  }

  /** One timer, for the earliest time at which something is due, as far as this worker knows; each scheduler looks after the rest. */
  #wakeAt(dueAt: number): void {
    if (this.#alarm !== null && this.#alarm.dueAt <= dueAt) return;
    this.#alarm?.stop.abort();
    const alarm = { dueAt, stop: new AbortController() };
    this.#alarm = alarm;
    const signal = AbortSignal.any([alarm.stop.signal, this.#stop.signal]);
    void this.#clock.sleep(Math.max(0, dueAt - this.#clock.now()), signal).then(() => (signal.aborted ? undefined : this.#wakeDue()));
  }

  async #wakeDue(): Promise<void> {
    this.#alarm = null;
    try {
      const { woken, nextDueAt } = await this.#ledger.wakeDue();
      if (woken > 0) this.#wake.ring();
      if (nextDueAt !== null) this.#wakeAt(Math.max(nextDueAt, this.#clock.now() + 1));
    } catch (error) {
      this.#warn('due work could not be woken', error);
    }
  }

  async #renewLoop(): Promise<void> {
    const { signal } = this.#stop;
    for (;;) {
      await this.#clock.sleep(renewEveryMs, signal);
      if (signal.aborted) return;
      await this.renew();
    }
  }

  /** Renews the leases, tells what runs since more than 2 s, and hears of cancels and pauses. */
  async renew(): Promise<void> {
    const now = this.#clock.now();
    const leases = [...this.#works.values()].map((work): Lease => {
      const running = encodeMembers(work.runningSince(now - longRunningMs));
      return { shard: work.shard.id, epoch: work.shard.epoch, running };
    });
    try {
      const news = await this.#ledger.renew(this.id, leases);
      this.#renewedAt = now;
      for (const shard of news.lost) this.#works.get(shard)?.lose();
      await this.#hear(news.controls);
    } catch (error) {
      this.#warn('leases could not be renewed', error);
      if (now - this.#renewedAt >= givenUpAfterMs) for (const work of this.#works.values()) work.lose();
    }
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    for (const work of this.#works.values()) work.drain();
    const limit = this.#clock.now() + (this.#options.drainMs ?? 10_000);
    while (this.#works.size > 0 && this.#clock.now() < limit) await this.#wake.wait(50, this.#stop.signal);
    const left = [...this.#works.values()];
    for (const work of left) work.lose();
    while (this.#works.size > 0 && this.#clock.now() < limit + 5_000) await this.#wake.wait(50, this.#stop.signal);
  }

  #warn(message: string, error: unknown): void {
    const code = error instanceof ExosphereError ? error.code : 'internal';
    this.#options.report.warn(message, { worker: this.id, code, error });
  }
}
