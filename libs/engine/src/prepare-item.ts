import { evaluateCondition, ExpressionError } from '@exosphere/expression';
import type { ExecutionError, Json, JsonObject, PlanStep } from '@exosphere/model';
import { ExosphereError, isJsonObject } from '@exosphere/model';
import type { Ledger, OpenSatellite } from '@exosphere/ports';
import type { ExecutionFacts, ReadResult, Scopes, Standing, Step } from '@exosphere/run-machine';
import { TemplateFailure, buildScopes, executionName, idempotencyKey, resolveTree, shownPath } from '@exosphere/run-machine';
import { objectOfExecution } from './item-object.ts';
import type { Item } from './item.ts';
import type { ObjectTexts } from './object-texts.ts';
import { failedInRange, originOf, readResults } from './read-results.ts';
import type { Results } from './results.ts';
import type { RunInfo } from './run-info.ts';
import { valueText } from './value-text.ts';

/** What an execution is called with. */
export interface Prepared {
  readonly config: JsonObject;
  readonly input: Json;
  readonly secrets: Readonly<Record<string, string>>;
  /** Every value that was granted to it, for masking. */
  readonly granted: readonly string[];
  /** The key of the step's `rate-limit`; empty: one for all. */
  readonly rateKey: string;
}

/** An execution that fails without an attempt. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

export type Preparation =
  | { readonly kind: 'ready'; readonly prepared: Prepared }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** The `if` said no. */
  | { readonly kind: 'no' };

/** What preparing an item needs of the world around it. */
export interface Workplace {
  readonly run: RunInfo;
  readonly results: Results;
  readonly ledger: Ledger;
  readonly texts: ObjectTexts;
  readonly functions: ExecutionFacts['functions'];
  /** Values of the secrets that the step is granted; a missing one is absent. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly satellite: OpenSatellite;
}

/**
 * Resolves the templates of one execution whose item and reads are loaded: its `if`, its config, input and secrets, and checks them.
 *
 * @param standing null: the `if` has been asked before (an attempt that is made again)
 */
export async function prepareItem(place: Workplace, step: Step, item: Item, standing: Standing | null): Promise<Preparation> {
  const templates = place.run.templates(step.index);
  if (isPlain(step, item, templates)) return prepareWithoutContexts(item, { templates, satellite: place.satellite });
  try {
    const facts = await factsOf(place, step, item);
    if (templates.condition !== null && standing !== null) {
      const status = statusFunctions(place, item, standing);
      const condition = evaluateCondition(templates.condition, buildScopes({ ...facts, secrets: {}, status }));
      if (!condition.holds) return { kind: 'no' };
    }
    return resolveItem(place, step, item, facts);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    return { kind: 'refused', refusal };
  }
}

type Templates = ReturnType<RunInfo['templates']>;

/** Nothing of the step is a template: the contexts, which nobody would look at, need not be made. */
function isPlain(step: Step, item: Item, { condition, config, input, secrets, rateKey }: Templates): boolean {
  const { grants, reads } = step.plan;
  return (
    item.origin === -1 &&
    step.gate === null &&
    condition === null &&
    config.kind === 'literal' &&
    (input === null || input.kind === 'literal') &&
    rateKey === null &&
    secrets.length + grants.length + reads.length === 0
  );
}

function prepareWithoutContexts(item: Item, { templates, satellite }: { templates: Templates; satellite: OpenSatellite }): Preparation {
  const config = templates.config.kind === 'literal' ? asObject(templates.config.value) : {};
  const input = templates.input?.kind === 'literal' ? templates.input.value : (item.object ?? {});
  const refusal = check('config', satellite.checkConfig(config)) ?? check('input', satellite.checkInput(input));
  return refusal === null
    ? { kind: 'ready', prepared: { config, input, secrets: {}, granted: [], rateKey: '' } }
    : { kind: 'refused', refusal };
}

function refusalOf(error: unknown): Refusal | null {
  if (error instanceof TemplateFailure) return { code: error.code, message: error.message };
  if (error instanceof ExpressionError) return { code: 'template-failed', message: error.message };
  if (error instanceof ExosphereError && error.code === 'LIST_TOO_LARGE') return { code: error.code, message: error.message };
  return null;
}

function resolveItem(place: Workplace, step: Step, item: Item, facts: ExecutionFacts): Preparation {
  const missing = step.plan.grants.find((name) => !place.secrets.has(name));
  if (missing !== undefined) throw new TemplateFailure('secret-missing', missingSecret(step.plan, missing));
  const templates = place.run.templates(step.index);
  const scopes = buildScopes(facts);
  const config = asObject(resolveTree(templates.config, scopes, 'config-invalid'));
  const input = templates.input === null ? defaultInput(step, item, facts) : resolveTree(templates.input, scopes, 'input-invalid');
  const refusal = check('config', place.satellite.checkConfig(config)) ?? check('input', place.satellite.checkInput(input));
  if (refusal !== null) return { kind: 'refused', refusal };
  const granted = step.plan.grants.map((name) => place.secrets.get(name) ?? '');
  const rateKey = templates.rateKey === null ? '' : valueText(resolveTree(templates.rateKey, scopes, 'config-invalid'));
  return { kind: 'ready', prepared: { config, input, secrets: resolveSecrets(templates.secrets, scopes), granted, rateKey } };
}

/** A sentence on a secret that a step is granted and that is not there. */
export function missingSecret(step: Pick<PlanStep, 'identifier'>, name: string): string {
  return `step '${step.identifier}' needs the secret '${name}', which has no value; give it one in the environment or in the vault`;
}

function resolveSecrets(secrets: Templates['secrets'], scopes: Scopes): Record<string, string> {
  return Object.fromEntries(secrets.map(({ key, value }) => [key, valueText(resolveTree(value, scopes, 'config-invalid'))]));
}

function asObject(value: Json): JsonObject {
  return isJsonObject(value) ? value : {};
}

function check(part: 'config' | 'input', violation: { at: string; message: string } | null): Refusal | null {
  if (violation === null) return null;
  const place = violation.at === '' ? part : `${part}${violation.at}`;
  return { code: `${part}-invalid`, message: `${place}: ${violation.message}` };
}

/** Without `input`: the item; for a join or collect a mapping of its needs (rule 9); for a chain `per: run` the failed items (rule 42). */
function defaultInput(step: Step, item: Item, facts: ExecutionFacts): Json {
  if (step.gate !== null) {
    return Object.fromEntries(step.plan.needs.map((need) => [need, outputOf(facts.results, need)]));
  }
  if (facts.failure !== null && item.origin !== -1 && step.parent === null && 'items' in facts.failure) {
    return { items: facts.failure['items'] ?? [] };
  }
  return item.object ?? {};
}

function outputOf(results: readonly ReadResult[], need: string): Json {
  const found =
    results.find((result) => result.read.step === need && result.read.as !== 'one') ?? results.find((result) => result.read.step === need);
  return found?.output ?? null;
}

async function factsOf(place: Workplace, step: Step, item: Item): Promise<ExecutionFacts> {
  const { run } = place;
  const readsAny = step.plan.reads.length > 0;
  return {
    run: run.contexts,
    item: item.object ?? null,
    execution: executionContext(run, step, item),
    failure: await failureContext(place, item),
    results: readsAny ? await readResults(place, step, item) : [],
    made: new Date(item.made ?? run.row.acceptedAt).toISOString(),
    secrets: Object.fromEntries(step.plan.grants.map((name) => [name, place.secrets.get(name) ?? ''])),
    text: place.texts.textOf,
    functions: place.functions,
  };
}

function executionContext(run: RunInfo, step: Step, item: Item): JsonObject {
  const named = { step, path: item.path, origin: item.origin, keyRound: item.keyRound };
  return {
    identifier: executionName(run.graph, named, run.row.items),
    attempt: item.attempts + 1,
    index: indexOf(run, step, item),
    lineage: lineageOf(run, step, item),
    path: shownPath(step, item.path, run.row.items),
    'idempotency-key': idempotencyKey(run.row.id, run.graph, named),
  };
}

/** The item's index in the list that it is of; 0 where its parent returns one (rule 5). */
function indexOf(run: RunInfo, step: Step, item: Item): number {
  const parent = step.parent === null ? null : run.graph.steps[step.parent];
  const isOfList = parent === null ? step.plan.rooted && step.depth === 1 : parent?.fans === true;
  return isOfList && item.origin === -1 ? Math.max(item.path.at(-1) ?? 0, 0) : 0;
}

function lineageOf(run: RunInfo, step: Step, item: Item): JsonObject {
  if (item.origin !== -1) return {};
  const entries = step.plan.path.map((identifier, i) => {
    const before = step.fanDepths[i] ?? 0;
    const fans = (step.fanDepths[i + 1] ?? before) > before;
    return [identifier, fans ? Math.max(item.path[before] ?? 0, 0) : 0] as const;
  });
  return Object.fromEntries(entries);
}

async function failureContext(place: Workplace, item: Item): Promise<JsonObject | null> {
  if (item.origin === -1) return null;
  const origin = originOf(place.run, item);
  if (origin === null) return runFailure(place);
  await place.results.load([origin]);
  const facts = place.results.ended(origin);
  const step = place.run.graph.steps[origin.step];
  const object = await failedItem(place, item);
  return {
    satellite: step?.plan.identifier ?? null,
    error: (facts?.error ?? null) as unknown as Json, // an ExecutionError is plain data
    attempts: facts?.attempts ?? 0,
    item: object,
  };
}

async function failedItem(place: Workplace, item: Item): Promise<Json> {
  return objectOfExecution(place.run, { step: item.origin, path: item.path, origin: -1, keyRound: 0 }, place.results);
}

async function runFailure(place: Workplace): Promise<JsonObject> {
  const rows = await failedInRange(place.run, place.ledger);
  const items: Json[] = [];
  for (const row of rows) {
    const error = row.error === null ? null : (JSON.parse(row.error) as ExecutionError as unknown as Json); // written by this engine
    items.push({
      satellite: place.run.graph.steps[row.step]?.plan.identifier ?? null,
      error,
      attempts: row.attempts,
      item: await objectOfExecution(place.run, row, place.results),
    });
  }
  return { items, count: rows.length };
}

function statusFunctions(place: Workplace, item: Item, standing: Standing): NonNullable<ExecutionFacts['status']> {
  const statusOf = (identifier: string): string | null => {
    const index = place.run.graph.numberOf.get(identifier);
    const other = index === undefined ? undefined : place.run.graph.steps[index];
    if (other === undefined) return null;
    return (
      place.results.ended({ step: other.index, path: item.path.slice(0, other.depth), origin: -1, keyRound: null })?.status ?? 'skipped'
    );
  };
  return {
    success: (steps) => (steps.length === 0 ? standing.success : steps.every((one) => statusOf(one) === 'completed')),
    failure: (steps) => (steps.length === 0 ? standing.failure : steps.some((one) => statusOf(one) === 'failed')),
    always: () => true,
    cancelled: () => standing.cancelled,
  };
}
