import type { JsonObject } from '@exosphere/model';
import { ExosphereError, InternalError } from '@exosphere/model';
import type { CallEnd, OpenSatellite, SatelliteEvents, SatelliteReply, SatelliteRequest } from '@exosphere/ports';
import type { Step } from '@exosphere/run-machine';
import { executionName, idempotencyKey, isCancelling, isOverdue, retryDelay, survives } from '@exosphere/run-machine';
import { lossOf } from './call-loss.ts';
import { checkObjects } from './check-reply.ts';
import type { Admitted } from './decide-items.ts';
import { endItem } from './end-item.ts';
import { engineRecord, logRecord, nextAttempt } from './execution-records.ts';
import type { Item } from './item.ts';
import type { Mask } from './masking.ts';
import { maskedFault } from './masking.ts';
import type { Failure } from './outcomes.ts';
import { attemptRow, cancelled, completed, failed } from './outcomes.ts';
import type { Prepared } from './prepare-item.ts';
import type { RunningCall, ShardPlace } from './shard-place.ts';
import type { CallWatch } from './shard-waits.ts';
import type { Stream } from './stream.ts';

/** Items of one step of a shard, with the satellite that they are handed to. */
export interface Group {
  readonly place: ShardPlace;
  readonly step: Step;
  readonly satellite: OpenSatellite;
}

/** An item in a call. */
export interface Called {
  readonly admitted: Admitted;
  readonly item: Item;
  readonly prepared: Prepared;
  readonly mask: Mask | null;
  readonly stream: Stream | null;
  replied: boolean;
}

/** Calls under way at once for one group; a slow item holds back only those of its own call. */
const callsAtOnce = 2;

/**
 * Calls the satellite for as many items at a time as it takes. Where its runtime cannot go on, those that are left wait, or end where
 * another try cannot help.
 */
export async function callInParts(group: Group, called: readonly Called[]): Promise<void> {
  const { place, step, satellite } = group;
  let failure: ExosphereError | null = null;
  // a batch is one call, whatever its size
  const size = step.plan.batch === null ? Math.max(1, satellite.callSize) : called.length;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < called.length && !place.signal.aborted) {
      const part = called.slice(next, next + size);
      next += part.length;
      failure ??= await call(group, part);
      if (failure !== null) await giveUp(group, part, failure);
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, lane));
}

/**
 * Calls the satellite once, for all of them. What is lost with the call is tried again one by one (rule 38). Answers with the failure of
 * the runtime, if there was one.
 */
async function call(group: Group, called: readonly Called[]): Promise<ExosphereError | null> {
  const { place, step, satellite } = group;
  const now = place.desk.clock.now();
  for (const { item } of called) item.startedAt = now;
  if (step.plan.onAmbiguous === 'fail') {
    for (const { item } of called) item.begun = true;
    if (!(await place.noteBegun())) return null;
  }
  const running: RunningCall = { step: step.index, items: new Set(called.map((one) => one.item)), stop: new AbortController() };
  place.began(running);
  const isBatch = step.plan.batch !== null;
  const watch = place.watch(step);
  const pushes = new Set<Promise<void>>();
  try {
    const over = await satellite.invoke(
      {
        requests: requestsOf(place, step, called, now),
        mode: isBatch ? 'batch' : 'each',
        timeoutMs: step.plan.timeoutMs,
        repeatable: step.plan.onAmbiguous === 'retry',
        apart: called.some(({ item }) => item.alone),
        events: eventsOf(group, called, { watch, pushes }),
      },
      { signal: AbortSignal.any([place.signal, running.stop.signal]) },
    );
    watch?.works();
    settleCall(place, step, called, over);
    return null;
  } catch (error) {
    if (place.signal.aborted || !isOfRuntime(error)) throw error;
    // what was handed on is recorded before it is asked for again
    await Promise.allSettled(pushes);
    return error;
  } finally {
    watch?.stop();
    place.ended(running);
  }
}

function eventsOf(
  group: Group,
  called: readonly Called[],
  { watch, pushes }: { readonly watch: CallWatch | null; readonly pushes: Set<Promise<void>> },
): SatelliteEvents {
  const { place, satellite } = group;
  return {
    reply: (index, reply) => {
      watch?.works();
      receive(group, called[index], reply);
    },
    objects: async (index, objects) => {
      const push = called[index]?.stream?.push(masking(called[index], objects), satellite);
      if (push !== undefined) pushes.add(push);
      await push;
    },
    log: (index, record) => {
      const one = called[index];
      if (one !== undefined) place.log(logRecord(place, one.item, { ...record, ...maskedLog(record, one.mask) }));
    },
  };
}

/** The world failed where the runtime is: not the ledger, and not we. */
function isOfRuntime(error: unknown): error is ExosphereError {
  return error instanceof ExosphereError && !(error instanceof InternalError) && error.code !== 'database-unavailable';
}

/** What the runtime has not answered, and will not. */
async function giveUp({ place, step }: Group, part: readonly Called[], failure: ExosphereError): Promise<void> {
  const left = part.filter((one) => !one.replied);
  for (const one of left) one.replied = true;
  if (failure.code === 'runtime-unavailable') for (const { item } of left) item.begun = false;
  if (failure.retryable) {
    for (const { item } of left) item.startedAt = null;
    return place.putOff(
      step,
      left.map(({ item }) => item),
      failure,
    );
  }
  const { code, message } = failure;
  const error = { code, message, retryable: false, retryAfterMs: null };
  for (const one of left) fail(place, step, one, { error, metrics: null });
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
  if (reply.kind === 'error') return fail(place, step, one, { error: maskedFault(reply.error, one.mask), metrics: reply.metrics });
  const streamed = one.stream?.count ?? 0;
  const checked = checkObjects(
    step,
    satellite,
    one.stream?.withoutRecorded(masking(one, reply.objects)) ?? masking(one, reply.objects),
    one.stream?.keys ?? new Set(),
  );
  if (checked.kind === 'bad') return fail(place, step, one, { error: maskedFault(checked.error, one.mask), metrics: reply.metrics });
  item.attempts += 1;
  const success = { objects: checked.objects, streamed, metrics: reply.metrics, collected: admitted.collected };
  endItem(place, item, completed(item, admitted.standing.branch, success, place.desk.clock.now()), checked.texts);
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
  endItem(place, item, failed({ item, step, now }, admitted.standing.branch, failure), []);
}

/** What had no reply when the call was over. */
function settleCall(place: ShardPlace, step: Step, called: readonly Called[], over: CallEnd): void {
  const left = called.filter((one) => !one.replied);
  if (left.length === 0 || place.signal.aborted) return;
  if (over.kind === 'lost' && over.reason === 'cancelled') return cancelAll(place, step, left);
  const [only] = left;
  const isShared = over.kind === 'lost' && over.shared === true;
  // what was lost together with others goes once more, apart from them, before it is charged
  if (called.length === 1 && only !== undefined && (!isShared || only.item.alone)) {
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
    endItem(place, item, cancelled(item, step, isOverdue(control) ? graph.plan : null, place.desk.clock.now()), []);
  }
}
