import type { LogRecord } from '@exosphere/model';
import { ExosphereError, InternalError } from '@exosphere/model';
import type { ClaimedShard, NewShard } from '@exosphere/ports';
import type { Step } from '@exosphere/run-machine';
import { decodeMembers, isCancelling, isEnding, stepAt, survives } from '@exosphere/run-machine';
import { BatchTimers } from './batch-timers.ts';
import type { Desk } from './desk.ts';
import { HeldItems } from './held-items.ts';
import type { Item } from './item.ts';
import { itemOf } from './item.ts';
import { shardOfMembers } from './new-shards.ts';
import { ReadyItems } from './ready-items.ts';
import { Openings } from './openings.ts';
import { Results } from './results.ts';
import { runGroup } from './run-group.ts';
import type { RunInfo } from './run-info.ts';
import type { Draft } from './shard-book.ts';
import { ShardBook } from './shard-book.ts';
import type { Entry } from './shard-entries.ts';
import type { RunningCall, ShardPlace } from './shard-place.ts';
import type { CallWatch } from './shard-waits.ts';
import { ShardWaits } from './shard-waits.ts';
import { isSettling, settleTolerance } from './tolerance.ts';

/** How a shard left this worker. */
export type ShardEnd =
  | { readonly kind: 'finished' }
  /** Lost to another worker, or let go because nobody knows whether a commit happened. */
  | { readonly kind: 'lost' }
  /** Given back; `dueAt`: not before. */
  | { readonly kind: 'released'; readonly dueAt: number | null };

/** Most items of one step in one call. */
const mostInCall = 500;

/**
 * The work on one leased shard: its items go through their steps, and through those that follow, until none is left. One step of an
 * item starts after the result of the one before is committed.
 */
export class ShardWork implements ShardPlace {
  readonly shard: ClaimedShard;
  readonly run: RunInfo;
  readonly desk: Desk;
  readonly results: Results;
  readonly #book: ShardBook;
  readonly #stop = new AbortController();
  readonly openings = new Openings(this.#stop.signal);
  readonly #waits: ShardWaits;
  readonly #ready = new ReadyItems();
  readonly #calls = new Set<RunningCall>();
  readonly #held: HeldItems;
  readonly #batchTimers: BatchTimers;
  #logs: LogRecord[] = [];
  /** Items of the step with `max-parallel` that have begun, and have not ended or been put off: each has a permit. */
  readonly #permitted = new Set<Item>();
  #groups = 0;
  #isFlushing = false;
  #isDraining = false;
  #end: ShardEnd | null = null;
  readonly #ended: Promise<ShardEnd>;
  #resolveEnded!: (end: ShardEnd) => void; // set in the constructor, before anything can ask for it

  constructor(shard: ClaimedShard, run: RunInfo, desk: Desk) {
    this.shard = shard;
    this.run = run;
    this.desk = desk;
    const files = desk.blobs === null ? null : { blobs: desk.blobs, signal: this.signal };
    this.results = new Results(desk.ledger, run, desk.texts, files);
    const items = decodeMembers(shard.members).map((member) => itemOf(member, undefined, undefined));
    this.#book = new ShardBook(shard, run, desk.clock, items);
    this.#held = new HeldItems(run, desk, (held) => this.again(held));
    this.#batchTimers = new BatchTimers(desk.clock, this.signal);
    this.#waits = new ShardWaits(this, () => this.#pump());
    this.#ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#ready.add(items);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Works until the shard is finished or gone. */
  begin(): Promise<ShardEnd> {
    this.#pump();
    return this.#ended;
  }

  /** Whether there is something to record, and no commit of this shard is under way. */
  get wantsFlush(): boolean {
    return this.#end === null && !this.#isFlushing && (this.#book.waiting > 0 || this.#logs.length > 0);
  }

  get waiting(): number {
    return this.#book.waiting;
  }

  /** Items whose attempt began before `since`. */
  runningSince(since: number): readonly Item[] {
    return [...this.#calls].flatMap((call) => [...call.items].filter((item) => item.startedAt !== null && item.startedAt <= since));
  }

  draw(most: number): Draft {
    this.#isFlushing = true;
    if (this.#logs.length > 0) {
      // before all else: what is drawn with a limit may be the last of the shard, and later there is no lease to record them with
      this.#book.addFirst({ kind: 'logs', records: this.#logs });
      this.#logs = [];
    }
    return this.#book.draw(most);
  }

  /** The drawn entries are recorded: what follows may begin. */
  committed(draft: Draft): void {
    this.#isFlushing = false;
    if (this.#end !== null) return;
    for (const done of draft.recorded) done();
    for (const entry of draft.ended) this.#remember(entry);
    if (this.#book.size === 0) return this.#finish({ kind: 'finished' });
    this.#ready.add(draft.followers);
    this.#pump();
  }

  /** Whether nothing of this shard was committed is unknown, or another worker has it: everything that runs is stopped. */
  lose(): void {
    this.#finish({ kind: 'lost' });
  }

  /** Gives the shard back as soon as what runs has ended (drain), or for a pause. */
  drain(): void {
    this.#isDraining = true;
    this.openings.stop(() => true);
    this.#pump();
  }

  /** The control of the run changed. */
  heed(): void {
    const { control } = this.run;
    if (isCancelling(control)) this.#cancelCalls();
    this.openings.stop((step) => control === 'paused' || (isEnding(control) && !survives(stepAt(this.run.graph, step), control)));
    if (isEnding(control)) {
      this.#waits.letGo();
      this.#ready.add(this.#held.letGo());
    }
    this.#pump();
  }

  add(entry: Entry): void {
    if (this.#end !== null) return;
    if (entry.kind !== 'logs' && entry.kind !== 'streamed') this.#permitted.delete(entry.item);
    this.#book.add(entry);
    this.desk.dirty();
  }

  log(record: LogRecord): void {
    this.#logs.push(record);
    this.desk.dirty();
  }

  again(items: readonly Item[]): void {
    for (const item of items) this.#permitted.delete(item);
    this.#ready.add(items);
    this.#pump();
  }

  async noteBegun(): Promise<boolean> {
    const { id, epoch } = this.shard;
    const isOurs = await this.desk.ledger.split({ id, epoch, ...this.members() }, []);
    if (!isOurs) this.lose();
    return isOurs;
  }

  watch(step: Step): CallWatch | null {
    return this.#waits.watch(step);
  }

  async putOff(step: Step, items: readonly Item[], reason: ExosphereError): Promise<void> {
    const isOurs = await this.#waits.begin(step, reason);
    if (isOurs) this.again(items);
    else this.lose();
  }

  began(call: RunningCall): void {
    this.#calls.add(call);
  }

  ended(call: RunningCall): void {
    this.#calls.delete(call);
    this.#pump();
  }

  /** Halves the shard: it was lost more than once, and one of its members may be to blame (spec 3.9). Null: too small. */
  half(): NewShard | null {
    const items = [...this.#book.items];
    if (items.length < 2) return null;
    const given = items.slice(Math.ceil(items.length / 2));
    this.#book.giveAway(given);
    this.#ready.remove(given);
    return shardOfMembers({ run: this.run, clock: this.desk.clock, now: this.desk.clock.now() }, given, null, this.shard.losses);
  }

  members(): { members: string; size: number } {
    return { members: this.#book.members(), size: this.#book.size };
  }

  /** Takes the one item of a shard of one out of the queue. Null: there are more. */
  takeOnly(): Item | null {
    const [first, second] = this.#book.items;
    if (first === undefined || second !== undefined) return null;
    this.#ready.clear();
    return first;
  }

  #remember(entry: Draft['ended'][number]): void {
    const { item, outcome } = entry;
    if (!this.run.readSteps.has(item.step)) return;
    const step = stepAt(this.run.graph, item.step);
    const isMany = step.plan.satellite.cardinality === 'many';
    const at = { step: item.step, path: item.path, origin: item.origin, keyRound: item.origin === -1 ? null : item.keyRound };
    const object = isMany ? null : (outcome.objects[0] ?? null);
    this.results.note(item.step, object);
    this.results.put(at, {
      status: outcome.status,
      error: outcome.error,
      attempts: outcome.attempts,
      retries: outcome.retries,
      round: this.run.row.round,
      startedAt: outcome.startedAt,
      endedAt: outcome.endedAt,
      metrics: outcome.metrics,
      object,
      objects: outcome.streamed + outcome.objects.length,
    });
  }

  /** Starts whatever can start. */
  #pump(): void {
    if (this.#end !== null) return;
    if (this.run.control === 'paused' || this.#isDraining) return this.#releaseWhenQuiet();
    for (const step of this.#ready.steps) {
      for (let group = this.#nextGroup(step); group.length > 0; group = this.#nextGroup(step)) this.#start(step, group);
    }
    this.#releaseIfAllWait();
  }

  /** Nothing is left but items that wait: they take no place at this worker while they do. */
  #releaseIfAllWait(): void {
    const { dueAt } = this.#waits;
    if (dueAt === null || !this.#isQuiet()) return;
    const waiting = this.#ready.steps.reduce((sum, step) => sum + (this.#waits.holds(step) ? this.#ready.of(step).length : 0), 0);
    if (waiting === this.#book.size) this.#finish({ kind: 'released', dueAt });
  }

  #releaseWhenQuiet(): void {
    if (this.#isQuiet()) this.#finish({ kind: 'released', dueAt: null });
  }

  #isQuiet(): boolean {
    return this.#groups === 0 && this.#book.waiting === 0 && this.#logs.length === 0 && !this.#isFlushing;
  }

  #nextGroup(index: number): readonly Item[] {
    const queue = this.#ready.of(index);
    if (queue.length === 0) return [];
    if (isSettling(index)) return queue.splice(0, queue.length);
    if (this.#waits.holds(index)) return [];
    const step = stepAt(this.run.graph, index);
    if (step.plan.maxParallel !== null && this.shard.limit === null) return this.#giveToBoundedShards(queue);
    const room = this.#room(index);
    if (room <= 0) return [];
    if (step.plan.batch !== null) return this.#nextBatch(step, queue, Math.min(room, step.plan.batch.max));
    const alone = queue.findIndex((item) => item.alone);
    if (alone === 0) return queue.splice(0, 1);
    return this.#held.admit(queue.splice(0, alone === -1 ? room : Math.min(room, alone)));
  }

  /** How many items of a step may begin now. */
  #room(index: number): number {
    const { permits, limit } = this.shard;
    return permits === null || limit?.step !== index ? mostInCall : Math.min(mostInCall, permits - this.#permitted.size);
  }

  /** A gate of a step with `max-parallel` fires in a shard without permits: it becomes a shard of its own, which is claimed with some. */
  #giveToBoundedShards(queue: Item[]): readonly Item[] {
    const dueAt = this.desk.clock.now();
    for (const item of queue.splice(0)) this.add({ kind: 'put-off', item, dueAt });
    return [];
  }

  /** A batch is called when it is full, when it has waited, or when nothing of this shard can join it any more. */
  #nextBatch(step: Step, queue: Item[], max: number): readonly Item[] {
    if (queue[0]?.alone === true) return queue.splice(0, 1);
    const { index } = step;
    if (queue.length < max && this.#mayGrow(step) && !this.#batchTimers.isDue(index)) {
      this.#batchTimers.start(index, step.plan.batch?.waitMs ?? 0, () => this.#pump());
      return [];
    }
    this.#batchTimers.stop(index);
    const alone = queue.findIndex((item) => item.alone);
    return this.#held.admit(queue.splice(0, alone === -1 ? max : Math.min(max, alone)));
  }

  #mayGrow(step: Step): boolean {
    return [...this.#book.items].some((item) => item.step >= 0 && step.ancestors.has(item.step));
  }

  #start(index: number, items: readonly Item[]): void {
    this.#groups += 1;
    // at once, not when it is called: preparing takes time
    if (this.shard.limit?.step === index) for (const item of items) this.#permitted.add(item);
    const work = isSettling(index) ? settleTolerance(this, index, items) : runGroup(this, stepAt(this.run.graph, index), items);
    work
      .catch((error: unknown) => this.#fault(error))
      .finally(() => {
        this.#groups -= 1;
        this.#pump();
      });
  }

  /** The world failed, or we did: the shard is given back, so that it is tried again, here or elsewhere. */
  #fault(error: unknown): void {
    if (this.signal.aborted) return;
    const cause = error instanceof ExosphereError ? error : new InternalError('the work on a shard failed', { cause: error });
    this.desk.report.warn('the work on a shard failed', { run: this.run.row.id, shard: this.shard.id, code: cause.code, error });
    this.#finish({ kind: 'released', dueAt: this.desk.clock.now() + 1_000 });
  }

  #cancelCalls(): void {
    for (const call of this.#calls) {
      if (!survives(stepAt(this.run.graph, call.step), this.run.control)) call.stop.abort();
    }
  }

  #finish(end: ShardEnd): void {
    if (this.#end !== null) return;
    this.#end = end;
    this.#stop.abort();
    this.#held.letGo();
    this.#resolveEnded(end);
  }
}
