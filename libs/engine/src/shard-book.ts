import type { Json, Path } from '@exosphere/model';
import type {
  AttemptRow,
  ChunkRow,
  ClaimedShard,
  Clock,
  CommitShard,
  CountDelta,
  ExecutionRow,
  FailureDelta,
  GateDelta,
  LogChunkRow,
  NewShard,
} from '@exosphere/ports';
import type { Ending, GateChange, Seed, Step } from '@exosphere/run-machine';
import { encodeMembers, endExecution, stepAt } from '@exosphere/run-machine';
import { cutIntoChunks } from './chunks.ts';
import { DelayedMembers } from './delayed-members.ts';
import type { Item } from './item.ts';
import { itemOf } from './item.ts';
import { kindOfSeed, mayFollow, shardOfMembers, shardSize, shardsOfSeed } from './new-shards.ts';
import type { RunInfo } from './run-info.ts';
import type { Entry } from './shard-entries.ts';
import { SurplusMembers } from './surplus-members.ts';
import { addedUp, collectBlobs, executionRow, gateDelta, isList } from './shard-rows.ts';
import { tolerates } from './tolerance.ts';

/** Most open members of a shard, those that its worker follows included. */
export const mostMembers = 1_000;

/** What a commit records of one shard, and what follows once it is recorded. */
export interface Draft {
  readonly shard: CommitShard;
  readonly newShards: readonly NewShard[];
  /** Items that the worker goes on with. */
  readonly followers: readonly Item[];
  /** Called when the commit has happened. */
  readonly recorded: readonly (() => void)[];
  readonly ended: readonly (Entry & { readonly kind: 'ended' })[];
}

interface Building {
  readonly now: number;
  readonly ended: ExecutionRow[];
  readonly chunks: ChunkRow[];
  readonly attempts: AttemptRow[];
  readonly gates: Map<string, GateDelta>;
  /** Step → kind → how many. */
  readonly counts: Map<number, Map<CountDelta['kind'], number>>;
  readonly failures: Map<number, FailureDelta>;
  readonly logs: LogChunkRow[];
  readonly newShards: NewShard[];
  readonly followers: Item[];
  readonly delayed: DelayedMembers;
  readonly surplus: SurplusMembers;
  readonly blobs: Set<string>;
}

/**
 * The durable side of a shard: which members are open, and what is to be recorded of it. What is drawn for a commit is taken off at
 * once; if the commit does not happen, the worker lets the whole shard go.
 */
export class ShardBook {
  readonly #shard: ClaimedShard;
  readonly #run: RunInfo;
  readonly #clock: Clock;
  readonly #open: Set<Item>;
  #entries: Entry[] = [];

  constructor(shard: ClaimedShard, run: RunInfo, clock: Clock, items: readonly Item[]) {
    this.#shard = shard;
    this.#run = run;
    this.#clock = clock;
    this.#open = new Set(items);
  }

  get size(): number {
    return this.#open.size;
  }

  get waiting(): number {
    return this.#entries.length;
  }

  get items(): Iterable<Item> {
    return this.#open;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
  }

  addFirst(entry: Entry): void {
    this.#entries.unshift(entry);
  }

  /** Takes members out without recording anything of them: they are given to another shard. */
  giveAway(items: readonly Item[]): void {
    for (const item of items) this.#open.delete(item);
  }

  /** The open members as text. */
  members(): string {
    return encodeMembers(this.#open);
  }

  /** Draws the oldest entries for a commit, about `most` rows of them. */
  draw(most: number): Draft {
    const building = this.#building();
    const drawn = this.#takeEntries(most);
    for (const entry of drawn) this.#record(building, entry);
    const shared = { run: this.#run, clock: this.#clock, now: building.now };
    building.newShards.push(...building.surplus.shards(shared));
    for (const group of building.delayed.groups()) building.newShards.push(shardOfMembers(shared, group.members, group.dueAt));
    const { id, run, epoch } = this.#shard;
    return {
      shard: {
        id,
        run,
        epoch,
        members: this.members(),
        size: this.#open.size,
        ended: building.ended,
        chunks: building.chunks,
        attempts: building.attempts,
        gates: [...building.gates.values()],
        counts: [...building.counts].flatMap(([step, kinds]) => [...kinds].map(([kind, add]) => ({ run, step, kind, add }))),
        failures: [...building.failures.values()],
        logs: building.logs,
        blobs: [...building.blobs],
      },
      newShards: building.newShards,
      followers: building.followers,
      recorded: drawn.flatMap((entry) => (entry.kind === 'streamed' ? [entry.recorded] : [])),
      ended: drawn.filter((entry) => entry.kind === 'ended'),
    };
  }

  #building(): Building {
    return {
      now: this.#clock.now(),
      ended: [],
      chunks: [],
      attempts: [],
      gates: new Map(),
      counts: new Map(),
      failures: new Map(),
      logs: [],
      newShards: [],
      followers: [],
      delayed: new DelayedMembers(),
      surplus: new SurplusMembers(),
      blobs: new Set(),
    };
  }

  #takeEntries(most: number): readonly Entry[] {
    const taken = this.#entries.length <= most ? this.#entries : this.#entries.slice(0, most);
    this.#entries = this.#entries.length <= most ? [] : this.#entries.slice(most);
    return taken;
  }

  #record(building: Building, entry: Entry): void {
    switch (entry.kind) {
      case 'ended':
        return this.#recordEnd(building, entry);
      case 'passed-over':
        return this.#recordPassedOver(building, entry.item);
      case 'again':
        return this.#recordAgain(building, entry);
      case 'put-off':
        this.#open.delete(entry.item);
        return building.delayed.add(entry.item, entry.dueAt, building.now);
      case 'streamed':
        return this.#recordPart(building, entry);
      case 'logs':
        building.logs.push({ run: this.#shard.run, records: JSON.stringify(entry.records), count: entry.records.length });
    }
  }

  /** A gate of an ended branch is one thing less to wait for; one that a stopped run does not ask keeps its place, for a later round. */
  #recordPassedOver(building: Building, item: Item): void {
    this.#open.delete(item);
    if (item.branch === 'live') return;
    const step = stepAt(this.#run.graph, item.step);
    this.#spread(building, item, { ...endingBase(step, item), status: 'skipped', from: 0, count: 0, final: true, total: 0 }, []);
  }

  #recordAgain(building: Building, entry: Entry & { kind: 'again' }): void {
    building.attempts.push(entry.attempt);
    if (entry.dueAt <= building.now) return void building.followers.push(entry.item);
    this.#open.delete(entry.item);
    building.delayed.add(entry.item, entry.dueAt, building.now);
  }

  #recordEnd(building: Building, entry: Entry & { kind: 'ended' }): void {
    const { item, outcome, texts } = entry;
    const step = stepAt(this.#run.graph, item.step);
    this.#open.delete(item);
    building.ended.push(executionRow(this.#run, step, item, entry));
    if (outcome.failedAttempt !== null) building.attempts.push(outcome.failedAttempt);
    if (isList(step)) this.#addChunks(building, item, texts, outcome.streamed);
    for (const object of outcome.objects) collectBlobs(object, building.blobs);
    this.#count(building, step, entry);
    const total = outcome.streamed + outcome.objects.length;
    const ending = endingOf(step, item, entry, { from: outcome.streamed, count: outcome.objects.length, final: true, total });
    this.#spread(building, item, ending, outcome.objects);
  }

  #recordPart(building: Building, entry: Entry & { kind: 'streamed' }): void {
    const { item, from, objects, texts } = entry;
    const step = stepAt(this.#run.graph, item.step);
    this.#addChunks(building, item, texts, from);
    for (const object of objects) collectBlobs(object, building.blobs);
    this.#addCount(building, item.step, 'objects', objects.length);
    const ending: Ending = { ...endingBase(step, item), status: 'completed', from, count: objects.length, final: false, total: 0 };
    this.#spread(building, item, ending, objects);
  }

  #addChunks(building: Building, item: Item, texts: readonly string[], from: number): void {
    const { step, path, origin, keyRound } = item;
    for (const chunk of cutIntoChunks(texts, from)) building.chunks.push({ run: this.#shard.run, step, path, origin, keyRound, ...chunk });
  }

  #spread(building: Building, item: Item, ending: Ending, objects: readonly Json[]): void {
    const spread = endExecution(this.#run.graph, ending, { round: this.#run.row.round, control: this.#run.control });
    for (const seed of spread.seeds) this.#sow(building, seed, ending, objects);
    for (const change of spread.gates) this.#addGate(building, change);
    if (spread.endedWell) this.#addCount(building, item.step, 'ended-well', 1);
  }

  /** Makes what follows: as far as there is room the worker goes on with it, the rest becomes shards for others. */
  #sow(building: Building, seed: Seed, ending: Ending, objects: readonly Json[]): void {
    const step = stepAt(this.#run.graph, seed.step);
    const wanted = seed.fan?.count ?? 1;
    const room = mayFollow(step) ? Math.max(0, mostMembers - this.#open.size) : 0;
    const followed = seed.fan === null ? Math.min(room, 1) : roomInChunks(seed.fan.from, wanted, room);
    const handsItsObject = seed.branch === 'live' && step.parent === ending.step.index;
    for (let i = 0; i < followed; i += 1) {
      const path = pathOf(seed, i);
      const object = handsItsObject ? objectFor(ending, objects, i) : undefined;
      const follower = itemOf({ ...kindOfSeed(seed), path }, object, building.now);
      this.#open.add(follower);
      building.followers.push(follower);
    }
    if (followed === wanted) return;
    if (mayFollow(step) && wanted - followed < shardSize / 2) {
      for (let i = followed; i < wanted; i += 1) building.surplus.add({ ...kindOfSeed(seed), path: pathOf(seed, i) });
      return;
    }
    building.newShards.push(...shardsOfSeed({ run: this.#run, clock: this.#clock, now: building.now }, seed, followed));
  }

  #addGate(building: Building, change: GateChange): void {
    const key = `${String(change.gate.step)}|${change.path.join('.')}|${String(change.origin)}|${String(change.keyRound)}`;
    const known = building.gates.get(key);
    building.gates.set(key, known === undefined ? gateDelta(this.#run, change) : addedUp(known, change));
  }

  #count(building: Building, step: Step, entry: Entry & { kind: 'ended' }): void {
    const { outcome } = entry;
    this.#addCount(building, step.index, outcome.status, 1);
    if (outcome.objects.length > 0) this.#addCount(building, step.index, 'objects', outcome.objects.length);
    if (outcome.note === 'continued') this.#addCount(building, step.index, 'continued', 1);
    const isUnmet = outcome.note === 'unmet' || outcome.note === 'consequence';
    if (isUnmet) this.#addCount(building, step.index, 'unmet', 1);
    if (outcome.status !== 'failed' || isUnmet || step.inChain || !tolerates(this.#run.graph.plan)) return;
    const basis = step.toleranceBasis;
    const known = building.failures.get(basis);
    building.failures.set(basis, { run: this.#shard.run, basis, add: (known?.add ?? 0) + 1 });
  }

  #addCount(building: Building, step: number, kind: CountDelta['kind'], add: number): void {
    const kinds = building.counts.get(step) ?? new Map<CountDelta['kind'], number>();
    building.counts.set(step, kinds);
    kinds.set(kind, (kinds.get(kind) ?? 0) + add);
  }
}

/** The path of the member with this place among those of a seed. */
function pathOf({ path, fan }: Seed, place: number): Path {
  return fan === null ? path : [...path, fan.from + place];
}

/** Follows whole chunks where it can, so that the shards that are left read one chunk each. */
function roomInChunks(from: number, wanted: number, room: number): number {
  if (room >= wanted) return wanted;
  const cut = room - ((from + room) % 500);
  return Math.max(0, cut);
}

function objectFor(ending: Ending, objects: readonly Json[], index: number): Json | undefined {
  if (ending.step.inChain && ending.step.plan.satellite.cardinality === 'many') return objects;
  return objects[index];
}

function endingBase(step: Step, item: Item): Omit<Ending, 'status' | 'from' | 'count' | 'final' | 'total'> {
  const { path, origin, keyRound, branch } = item;
  return { step, path, origin, keyRound, branch, unmet: false, consequence: false, passes: false, byCondition: false };
}

function endingOf(
  step: Step,
  item: Item,
  entry: Entry & { kind: 'ended' },
  handed: Pick<Ending, 'from' | 'count' | 'final' | 'total'>,
): Ending {
  const { outcome } = entry;
  return {
    ...endingBase(step, item),
    ...handed,
    branch: outcome.branch,
    status: outcome.status,
    unmet: outcome.note === 'unmet' || outcome.note === 'consequence',
    consequence: outcome.note === 'consequence',
    passes: outcome.passes,
    byCondition: outcome.note === 'condition',
  };
}
