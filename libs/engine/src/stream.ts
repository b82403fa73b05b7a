import type { Json, JsonObject } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { OpenSatellite, SatelliteRequest } from '@exosphere/ports';
import type { Step } from '@exosphere/run-machine';
import { checkObjects } from './check-reply.ts';
import type { Item } from './item.ts';
import type { ShardPlace } from './shard-place.ts';

/** A list that is recorded as it comes (spec 3.1). */
export interface Stream {
  readonly resume: SatelliteRequest['resume'];
  /** Objects recorded, or on their way. */
  readonly count: number;
  /** Their keys, as JSON texts. */
  readonly keys: Set<string>;
  /** Takes objects; settles when they are recorded. Rejects where the shard is lost before. */
  push(objects: readonly JsonObject[], satellite: OpenSatellite): Promise<void>;
  /** Drops the objects that are recorded already. */
  withoutRecorded(objects: readonly JsonObject[]): readonly JsonObject[];
}

/** The stream of an item whose satellite names a key; null for all others. What an earlier attempt recorded is read first. */
export async function openStream(place: ShardPlace, step: Step, item: Item): Promise<Stream | null> {
  const key = step.plan.satellite.key;
  if (key === null || step.plan.satellite.cardinality !== 'many' || item.origin !== -1) return null;
  const { keys, count, lastKey } = await readRecorded(place, item, key);
  return new RecordedStream(place, step, item, { key, keys, count, resume: count === 0 ? null : { count, lastKey } });
}

async function readRecorded(
  place: ShardPlace,
  item: Item,
  key: string,
): Promise<{ keys: Set<string>; count: number; lastKey: string | null }> {
  const keys = new Set<string>();
  let count = 0;
  let last: Json = null;
  const { step, path, origin } = item;
  for await (const chunk of place.desk.ledger.readChunks({ run: place.run.row.id, step, path, origin, keyRound: null })) {
    const objects = JSON.parse(chunk.objects) as readonly JsonObject[]; // written by this engine
    for (const object of objects) {
      last = object[key] ?? null;
      keys.add(JSON.stringify(last));
    }
    count = chunk.from + chunk.count;
  }
  return { keys, count, lastKey: typeof last === 'string' ? last : last === null ? null : JSON.stringify(last) };
}

class RecordedStream implements Stream {
  readonly resume: SatelliteRequest['resume'];
  readonly keys: Set<string>;
  readonly #place: ShardPlace;
  readonly #step: Step;
  readonly #item: Item;
  readonly #key: string;
  /** Recorded by earlier attempts: these may come again, and are dropped. */
  readonly #before: ReadonlySet<string>;
  #count: number;

  constructor(
    place: ShardPlace,
    step: Step,
    item: Item,
    recorded: { key: string; keys: Set<string>; count: number; resume: SatelliteRequest['resume'] },
  ) {
    this.#place = place;
    this.#step = step;
    this.#item = item;
    this.#key = recorded.key;
    this.keys = recorded.keys;
    this.#before = new Set(recorded.keys);
    this.#count = recorded.count;
    this.resume = recorded.resume;
  }

  get count(): number {
    return this.#count;
  }

  withoutRecorded(objects: readonly JsonObject[]): readonly JsonObject[] {
    return objects.filter((object) => !this.#before.has(JSON.stringify(object[this.#key] ?? null)));
  }

  async push(objects: readonly JsonObject[], satellite: OpenSatellite): Promise<void> {
    const fresh = this.withoutRecorded(objects);
    if (fresh.length === 0) return;
    const checked = checkObjects(this.#step, satellite, fresh, this.keys);
    if (checked.kind === 'bad') throw new ExosphereError(checked.error.code, checked.error.message, { retryable: checked.error.retryable });
    const from = this.#count;
    this.#count += fresh.length;
    const { signal } = this.#place;
    signal.throwIfAborted();
    const { promise, resolve: recorded, reject } = Promise.withResolvers<void>();
    // a shard that is lost records nothing any more, and says no word of it
    const lost = (): void => reject(signal.reason);
    signal.addEventListener('abort', lost, { once: true });
    this.#place.add({ kind: 'streamed', item: this.#item, from, objects: checked.objects, texts: checked.texts, recorded });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', lost);
    }
  }
}
