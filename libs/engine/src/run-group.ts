import type { JsonObject } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { OpenSatellite } from '@exosphere/ports';
import type { Step } from '@exosphere/run-machine';
import type { Called, Group } from './call-group.ts';
import { callInParts } from './call-group.ts';
import type { Admitted } from './decide-items.ts';
import { decideItems } from './decide-items.ts';
import { endItem } from './end-item.ts';
import { engineRecord, stepRecord } from './execution-records.ts';
import type { Item } from './item.ts';
import { loadItems } from './item-object.ts';
import { maskedFault, maskOf } from './masking.ts';
import { completed, refused, skippedByCondition, skippedByHand } from './outcomes.ts';
import { prepareItem } from './prepare-item.ts';
import { loadReads } from './read-results.ts';
import type { ShardPlace } from './shard-place.ts';
import { openStream } from './stream.ts';

/**
 * Takes items of one step from being due to their end, or to their next attempt: decides them, resolves their templates, calls the
 * satellite. Everything that is to be recorded goes to the shard.
 *
 * @throws ExosphereError where the ledger or a runtime is out of reach
 */
export async function runGroup(place: ShardPlace, step: Step, items: readonly Item[]): Promise<void> {
  const admitted = await decideItems(place, step, settleByHand(place, step, items));
  if (admitted.length === 0) return;
  const going = admitted.map((one) => one.item);
  await loadItems(place.run, step, going, place.results);
  await loadReads(place.run, step, going, place.results);
  const satellite = await openSatellite(place, step, admitted);
  if (satellite === null) return;
  const group: Group = { place, step, satellite };
  const prepared = await prepareAll(group, admitted);
  const called = await keepToRate(place, step, prepared);
  await callInParts(group, called);
}

/** Ends the items that somebody settled by hand, and those of which nobody knows how their attempt went. The others go on. */
function settleByHand(place: ShardPlace, step: Step, items: readonly Item[]): readonly Item[] {
  const now = place.desk.clock.now();
  return items.filter((item) => {
    if (item.byHand !== null) {
      const outcome =
        item.byHand.kind === 'skip'
          ? skippedByHand(item, now)
          : completed(item, item.branch, { objects: item.byHand.objects, streamed: 0, metrics: null, collected: null }, now);
      place.log(engineRecord(place, item, { level: 'info', message: `settled by hand: ${item.byHand.kind}`, fields: {} }));
      endItem(place, item, outcome, []);
      return false;
    }
    if (!item.begun || step.plan.onAmbiguous === 'retry') return true;
    endItem(place, item, refused({ item, step, now }, item.branch, ambiguous), []);
    return false;
  });
}

const ambiguous = {
  code: 'ambiguous',
  message: 'the worker was lost while this ran, and nobody knows whether it had its effect; look, then retry it or resolve it by hand',
};

/** Asks for the starts that `rate-limit` grants; what it does not grant now is put off. */
async function keepToRate(place: ShardPlace, step: Step, called: readonly Called[]): Promise<readonly Called[]> {
  const { rateLimit } = step.plan;
  if (rateLimit === null || called.length === 0) return called;
  const granted: Called[] = [];
  for (const key of new Set(called.map((one) => one.prepared.rateKey))) {
    const wanting = called.filter((one) => one.prepared.rateKey === key);
    const { limit, perMs } = rateLimit;
    const { cluster } = place.run.row;
    const rate = await place.desk.ledger.takeRate({ cluster, step: step.plan.identifier, key, limit, perMs, want: wanting.length });
    granted.push(...wanting.slice(0, rate.granted));
    for (const { item } of wanting.slice(rate.granted)) place.add({ kind: 'put-off', item, dueAt: rate.nextAt });
  }
  return granted;
}

async function openSatellite(place: ShardPlace, step: Step, admitted: readonly Admitted[]): Promise<OpenSatellite | null> {
  const opened = place.desk.satellites.opened(place.run, step.index);
  if (opened !== null) return opened;
  const items = admitted.map(({ item }) => item);
  const note = (message: string, fields: JsonObject): void => {
    place.log(stepRecord(place, step, { level: 'info', message, fields }));
    place.desk.report.doing?.(step.plan.identifier, message);
  };
  try {
    const satellite = await place.openings.wait(step.index, place.desk.satellites.open(place.run, step.index, note));
    if (satellite === null) place.again(items);
    return satellite;
  } catch (error) {
    if (!(error instanceof ExosphereError) || error.code === 'database-unavailable') throw error;
    if (error.retryable) {
      await place.putOff(step, items, error);
      return null;
    }
    const now = place.desk.clock.now();
    for (const { item, standing } of admitted) endItem(place, item, refused({ item, step, now }, standing.branch, error), []);
    return null;
  }
}

async function prepareAll({ place, step, satellite }: Group, admitted: readonly Admitted[]): Promise<readonly Called[]> {
  const { run, results, desk } = place;
  const { ledger, texts, functions } = desk;
  const secrets = await openSecrets(place, step);
  const workplace = { run, results, ledger, texts, functions, secrets, satellite };
  const mask = maskOf([...secrets.values()]);
  const called: Called[] = [];
  for (const one of admitted) {
    const { item, standing } = one;
    const asks = one.asks && !item.asked;
    const preparation = await prepareItem(workplace, step, item, asks ? standing : null);
    const now = desk.clock.now();
    if (preparation.kind === 'no') endItem(place, item, skippedByCondition(item, step, standing, now), textsOfPass(item));
    else if (preparation.kind === 'refused')
      endItem(place, item, refused({ item, step, now }, standing.branch, maskedFault(preparation.refusal, mask)), []);
    else {
      item.asked = one.asks;
      called.push({
        admitted: one,
        item,
        prepared: preparation.prepared,
        mask,
        stream: await openStream(place, step, item),
        replied: false,
      });
    }
  }
  return called;
}

function textsOfPass(item: Item): readonly string[] {
  return [JSON.stringify(item.object ?? null)];
}

async function openSecrets(place: ShardPlace, step: Step): Promise<ReadonlyMap<string, string>> {
  if (step.plan.grants.length === 0) return new Map();
  const { project, cluster, id } = place.run.row;
  return place.desk.secrets.open(step.plan.grants, { project, cluster, run: id, signal: place.signal });
}
