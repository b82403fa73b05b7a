import { engineRecord } from './execution-records.ts';
import type { Item } from './item.ts';
import type { Outcome } from './outcome.ts';
import type { ShardPlace } from './shard-place.ts';

/** An item has ended: that is recorded, with a record in the log where no attempt tells of its failure. */
export function endItem(place: ShardPlace, item: Item, outcome: Outcome, texts: readonly string[]): void {
  if (outcome.status === 'failed' && outcome.failedAttempt === null && outcome.error !== null) {
    place.log(engineRecord(place, item, { level: 'error', message: outcome.error.message, fields: { code: outcome.error.code } }));
  }
  const own = outcome.objects.length === texts.length ? texts : outcome.objects.map((object) => JSON.stringify(object));
  place.add({ kind: 'ended', item, outcome, texts: own });
}
