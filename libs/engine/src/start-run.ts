import type { Json, JsonObject, Plan, RunId } from '@exosphere/model';
import { ExosphereError, asId, uuidv7 } from '@exosphere/model';
import type { Clock, CreateOutcome, GateDelta, Ledger, NewRun, NewShard } from '@exosphere/ports';
import type { Graph } from '@exosphere/run-machine';
import { buildGraph, evaluateText, startRun as startGraph } from '@exosphere/run-machine';
import { readInputs } from './inputs.ts';
import { shardsOfSeed } from './new-shards.ts';
import type { RunInfo } from './run-info.ts';
import { contextsOf } from './run-info.ts';
import { runRecord } from './run-records.ts';
import { gateDelta } from './shard-rows.ts';

/** What a run is started with. */
export interface StartRequest {
  readonly revision: { readonly digest: string; readonly plan: Plan; readonly source: string | null };
  readonly environment: string | null;
  /** `type`, `time` and, for some kinds, `payload`. */
  readonly trigger: JsonObject;
  readonly inputs: JsonObject;
  /** Items of the trigger; null: one, its payload or else the inputs (rule 1). */
  readonly items: readonly Json[] | null;
  readonly origin: string | null;
  /** Its id, where it must be the same each time that it is asked for; else a new one. */
  readonly id?: RunId;
  /** Less time than the cluster's SLA, in ms. */
  readonly mostMs?: number;
}

/** What came of a start, and the id of the run: it may wait for others, or have been skipped. */
export type Started = CreateOutcome & { readonly run: RunId };

/**
 * Makes a run durable: when this returns, it will be worked on, whatever happens to this process.
 *
 * @throws ExosphereError `input-invalid` where the inputs are not what the cluster declares
 */
export async function startRun(place: { readonly ledger: Ledger; readonly clock: Clock }, request: StartRequest): Promise<Started> {
  const { plan } = request.revision;
  const inputs = readInputs(plan, request.inputs);
  const graph = buildGraph(plan);
  const id = request.id ?? asId<RunId>(uuidv7(place.clock.now(), place.clock.bytes(10)));
  const items = request.items ?? [request.trigger['payload'] ?? inputs];
  const draft = draftRun(place.clock, id, request, { graph, inputs, items: items.length });
  const start = startGraph(graph, items.length);
  const shared = { run: draft, clock: place.clock, now: place.clock.now() };
  const shards = start.seeds.flatMap((seed): readonly NewShard[] => shardsOfSeed(shared, seed, 0));
  const gates = start.gates.map((change): GateDelta => gateDelta(draft, change));
  const run: NewRun = {
    id,
    project: plan.identifier.split('/')[0] ?? '',
    cluster: plan.identifier,
    revision: request.revision,
    environment: request.environment,
    trigger: request.trigger,
    inputs,
    items,
    slaMs: Math.min(plan.slaMs, request.mostMs ?? plan.slaMs),
    concurrency: concurrencyOf(plan, draft),
    shards,
    gates,
    allowed: allowedFailures(plan),
    logs: plan.logs.length > 0 ? 'pending' : 'none',
    origin: request.origin,
    record: runRecord(place.clock, id, { level: 'info', message: 'the run was accepted', fields: acceptedFields(request, items.length) }),
  };
  return { ...(await place.ledger.createRun(run)), run: id };
}

function acceptedFields({ revision, trigger, environment }: StartRequest, items: number): JsonObject {
  return { cluster: revision.plan.identifier, revision: revision.digest, trigger: trigger['type'] ?? null, environment, items };
}

/** The run as it will be, for what is decided before it is recorded. */
function draftRun(clock: Clock, id: RunId, request: StartRequest, made: { graph: Graph; inputs: JsonObject; items: number }): RunInfo {
  const { plan } = request.revision;
  const now = clock.now();
  const row: RunInfo['row'] = {
    id,
    number: 0,
    project: plan.identifier.split('/')[0] ?? '',
    cluster: plan.identifier,
    revision: request.revision.digest,
    environment: request.environment,
    status: 'pending',
    control: 'go',
    round: 1,
    trigger: request.trigger,
    inputs: made.inputs,
    items: made.items,
    acceptedAt: now,
    deadline: now + plan.slaMs,
    endedAt: null,
    late: false,
    logs: 'none',
    reason: null,
    origin: request.origin,
  };
  return {
    row,
    graph: made.graph,
    contexts: contextsOf(row, plan),
    readSteps: new Set(),
    control: 'go',
    templates: () => {
      throw new ExosphereError('internal', 'a run that is not recorded has no templates');
    },
  };
}

function concurrencyOf(plan: Plan, draft: RunInfo): NewRun['concurrency'] {
  if (plan.concurrency === null) return null;
  const { group, limit, onConflict } = plan.concurrency;
  return { group: evaluateText(group, draft.contexts), limit, onConflict };
}

/** Failures that `tolerate` allows, where that does not depend on how many objects there will be. */
function allowedFailures(plan: Plan): NewRun['allowed'] {
  const tolerate = plan.failure?.tolerate ?? null;
  if (tolerate === null) return [];
  if (tolerate.kind === 'count') return [{ basis: -2, allowed: tolerate.count }];
  return [{ basis: -1, allowed: tolerate.percent >= 100 ? 1 : 0 }];
}
