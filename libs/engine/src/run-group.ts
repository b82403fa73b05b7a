import type { JsonObject } from '@exosphere/model';
import { ExosphereError } from '@exosphere/model';
import type { CallEnd, OpenSatellite, SatelliteReply, SatelliteRequest } from '@exosphere/ports';
import type { Step } from '@exosphere/run-machine';
import { executionName, idempotencyKey, isCancelling, isOverdue, retryDelay, survives } from '@exosphere/run-machine';
import { checkObjects } from './check-reply.ts';
import type { Admitted } from './decide-items.ts';
import { decideItems } from './decide-items.ts';
import { engineRecord, logRecord, nextAttempt, stepRecord } from './execution-records.ts';
import type { Item } from './item.ts';
import { loadItems } from './item-object.ts';
import { lossOf } from './call-loss.ts';
import type { Mask } from './masking.ts';
import { maskOf } from './masking.ts';
import type { Outcome } from './outcome.ts';
import type { Failure } from './outcomes.ts';
import { attemptRow, cancelled, completed, failed, refused, skippedByCondition, skippedByHand } from './outcomes.ts';
import type { Prepared } from './prepare-item.ts';
import { prepareItem } from './prepare-item.ts';
import { loadReads } from './read-results.ts';
import type { RunningCall, ShardPlace } from './shard-place.ts';
import type { Stream } from './stream.ts';
import { openStream } from './stream.ts';

/** Items of one step of a shard, with the satellite that they are handed to. */
interface Group {
  readonly place: ShardPlace;
  readonly step: Step;
  readonly satellite: OpenSatellite;
}

/** An item in a call. */
interface Called {
  readonly admitted: Admitted;
  readonly item: Item;
  readonly prepared: Prepared;
  readonly mask: Mask | null;
  readonly stream: Stream | null;
  replied: boolean;
}

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

/** Calls under way at once for one group; a slow item holds back only those of its own call. */
const callsAtOnce = 2;

/** Calls the satellite for as many items at a time as it takes. */
async function callInParts(group: Group, called: readonly Called[]): Promise<void> {
  const { place, step, satellite } = group;
  // a batch is one call, whatever its size
  const size = step.plan.batch === null ? Math.max(1, satellite.callSize) : called.length;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < called.length && !place.signal.aborted) {
      const part = called.slice(next, next + size);
      next += part.length;
      await call(group, part);
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, lane));
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
      end(place, item, outcome, []);
      return false;
    }
    if (!item.begun || step.plan.onAmbiguous === 'retry') return true;
    end(place, item, refused({ item, step, now }, item.branch, ambiguous), []);
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
  const items = admitted.map(({ item }) => item);
  const note = (message: string, fields: JsonObject): void => {
    place.log(stepRecord(place, step, { level: 'info', message, fields }));
    place.desk.report.doing?.(step.plan.identifier, message);
  };
  try {
    const satellite = await place.openings.wait(step.index, place.desk.satellites.open(place.run, step.index, note));
    if (satellite === null) place.again(items);
    return satellite !== null && (await place.goOn(step)) ? satellite : null;
  } catch (error) {
    if (!(error instanceof ExosphereError) || error.code === 'database-unavailable') throw error;
    if (error.retryable) {
      await place.putOff(step, items, error);
      return null;
    }
    const now = place.desk.clock.now();
    for (const { item, standing } of admitted) end(place, item, refused({ item, step, now }, standing.branch, error), []);
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
    if (preparation.kind === 'no') end(place, item, skippedByCondition(item, step, standing, now), textsOfPass(item));
    else if (preparation.kind === 'refused')
      end(place, item, refused({ item, step, now }, standing.branch, masked(preparation.refusal, mask)), []);
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

function masked<Fault extends { readonly message: string }>(fault: Fault, mask: Mask | null): Fault {
  return mask === null ? fault : { ...fault, message: mask.text(fault.message) };
}

async function openSecrets(place: ShardPlace, step: Step): Promise<ReadonlyMap<string, string>> {
  if (step.plan.grants.length === 0) return new Map();
  const { project, cluster, id } = place.run.row;
  return place.desk.secrets.open(step.plan.grants, { project, cluster, run: id, signal: place.signal });
}

/** Calls the satellite once, for all of them. What is lost with the call is tried again one by one (rule 38). */
async function call(group: Group, called: readonly Called[]): Promise<void> {
  const { place, step, satellite } = group;
  const now = place.desk.clock.now();
  for (const { item } of called) item.startedAt = now;
  if (step.plan.onAmbiguous === 'fail') {
    for (const { item } of called) item.begun = true;
    if (!(await place.noteBegun())) return;
  }
  const running: RunningCall = { step: step.index, items: new Set(called.map((one) => one.item)), stop: new AbortController() };
  place.began(running);
  const isBatch = step.plan.batch !== null;
  try {
    const over = await satellite.invoke(
      {
        requests: requestsOf(place, step, called, now),
        mode: isBatch ? 'batch' : 'each',
        timeoutMs: step.plan.timeoutMs,
        repeatable: step.plan.onAmbiguous === 'retry',
        events: {
          reply: (index, reply) => receive(group, called[index], reply),
          objects: async (index, objects) => called[index]?.stream?.push(masking(called[index], objects), satellite),
          log: (index, record) => {
            const one = called[index];
            if (one !== undefined) place.log(logRecord(place, one.item, { ...record, ...maskedLog(record, one.mask) }));
          },
        },
      },
      { signal: AbortSignal.any([place.signal, running.stop.signal]) },
    );
    settleCall(place, step, called, over);
  } finally {
    place.ended(running);
  }
}

function masking(one: Called | undefined, objects: readonly JsonObject[]): readonly JsonObject[] {
  const mask = one?.mask ?? null;
  return mask === null ? objects : (mask.value(objects) as readonly JsonObject[]); // a masked list of objects is one
}

function maskedLog(record: { readonly message: string; readonly fields: JsonObject }, mask: Mask | null): typeof record {
  if (mask === null) return record;
  return { message: mask.log(record.message), fields: mask.value(record.fields) as JsonObject }; // a masked object is an object
}

function requestsOf(place: ShardPlace, step: Step, called: readonly Called[], now: number): readonly SatelliteRequest[] {
  const deadline = new Date(now + step.plan.timeoutMs).toISOString();
  return called.map((one) => requestOf(place, step, one, deadline));
}

function requestOf(place: ShardPlace, step: Step, one: Called, deadline: string): SatelliteRequest {
  const { item, prepared } = one;
  const named = { step, path: item.path, origin: item.origin, keyRound: item.keyRound };
  return {
    execution: executionName(place.run.graph, named, place.run.row.items),
    idempotencyKey: idempotencyKey(place.run.row.id, place.run.graph, named),
    attempt: item.attempts + 1,
    deadline,
    resume: one.stream?.resume ?? null,
    config: prepared.config,
    input: prepared.input,
    item: item.object ?? null,
    secrets: prepared.secrets,
  };
}

function receive({ place, step, satellite }: Group, one: Called | undefined, reply: SatelliteReply): void {
  if (one === undefined || one.replied || place.signal.aborted) return;
  one.replied = true;
  const { item, admitted } = one;
  if (reply.kind === 'later') {
    item.startedAt = null;
    item.begun = false;
    return place.add({ kind: 'put-off', item, dueAt: place.desk.clock.now() + reply.afterMs });
  }
  if (reply.kind === 'error') return fail(place, step, one, { error: masked(reply.error, one.mask), metrics: reply.metrics });
  const streamed = one.stream?.count ?? 0;
  const checked = checkObjects(
    step,
    satellite,
    one.stream?.withoutRecorded(masking(one, reply.objects)) ?? masking(one, reply.objects),
    one.stream?.keys ?? new Set(),
  );
  if (checked.kind === 'bad') return fail(place, step, one, { error: masked(checked.error, one.mask), metrics: reply.metrics });
  item.attempts += 1;
  const success = { objects: checked.objects, streamed, metrics: reply.metrics, collected: admitted.collected };
  end(place, item, completed(item, admitted.standing.branch, success, place.desk.clock.now()), checked.texts);
}

/** An attempt failed: the next one, or the end. */
function fail(place: ShardPlace, step: Step, one: Called, { error, metrics }: Pick<Failure, 'error' | 'metrics'>): void {
  const { item, admitted } = one;
  const now = place.desk.clock.now();
  item.attempts += 1;
  item.begun = false;
  const row = attemptRow(place.run, item, error, now);
  const attempts = item.attempts - item.spent;
  const delay = retryDelay(
    step.plan.retries,
    { attempts, retryable: error.retryable, retryAfterMs: error.retryAfterMs },
    place.desk.clock.random(),
  );
  const fields = { code: error.code, attempt: item.attempts };
  if (delay !== null) {
    place.log(engineRecord(place, item, { level: 'warn', message: nextAttempt(item.attempts, error.message, delay), fields }));
    return place.add({ kind: 'again', item, attempt: row, dueAt: now + delay });
  }
  place.log(engineRecord(place, item, { level: step.plan.continueOnError ? 'warn' : 'error', message: error.message, fields }));
  const failure = { attempt: row, error, streamed: one.stream?.count ?? 0, metrics, collected: admitted.collected };
  end(place, item, failed({ item, step, now }, admitted.standing.branch, failure), []);
}

function end(place: ShardPlace, item: Item, outcome: Outcome, texts: readonly string[]): void {
  if (outcome.status === 'failed' && outcome.failedAttempt === null && outcome.error !== null) {
    place.log(engineRecord(place, item, { level: 'error', message: outcome.error.message, fields: { code: outcome.error.code } }));
  }
  const own = outcome.objects.length === texts.length ? texts : outcome.objects.map((object) => JSON.stringify(object));
  place.add({ kind: 'ended', item, outcome, texts: own });
}

/** What had no reply when the call was over. */
function settleCall(place: ShardPlace, step: Step, called: readonly Called[], over: CallEnd): void {
  const left = called.filter((one) => !one.replied);
  if (left.length === 0 || place.signal.aborted) return;
  if (over.kind === 'lost' && over.reason === 'cancelled') return cancelAll(place, step, left);
  const [only] = left;
  if (called.length === 1 && only !== undefined) {
    only.replied = true;
    return fail(place, step, only, { error: lossOf(over), metrics: null });
  }
  for (const { item } of left) {
    item.alone = true;
    item.startedAt = null;
  }
  // with `on-ambiguous: fail` they have begun, and end when their turn comes
  place.again(left.map((one) => one.item));
}

function cancelAll(place: ShardPlace, step: Step, left: readonly Called[]): void {
  const { control, graph } = place.run;
  const isCancelled = isCancelling(control) && !survives(step, control);
  if (!isCancelled) return place.again(left.map((one) => one.item));
  for (const { item } of left) {
    item.attempts += 1;
    end(place, item, cancelled(item, step, isOverdue(control) ? graph.plan : null, place.desk.clock.now()), []);
  }
}
