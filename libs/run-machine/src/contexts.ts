import type { Scope, StatusFunctions, Value } from '@exosphere/expression';
import type { ExecutionError, ExecutionStatus, Json, JsonObject, StepRead } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import { outputErrorAttribute } from './language.ts';
import type { Scopes } from './template-tree.ts';

/** What one execution, or all of a list, gave, for a template that reads it. */
export interface ReadResult {
  readonly read: StepRead;
  /** `one`: the object or null. `whole`: the object, or the list. `list`: the list. */
  readonly output: Json;
  /** Of a list: the list of the errors there are. */
  readonly error: ExecutionError | readonly ExecutionError[] | null;
  /** Null: not on this lineage. */
  readonly status: ExecutionStatus | null;
  readonly retries: number | null;
  readonly metrics: Json;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly parents: Json;
}

/** What is the same for every execution of a run. */
export interface RunContexts {
  readonly cluster: JsonObject;
  readonly trigger: JsonObject;
  readonly inputs: JsonObject;
  readonly vars: JsonObject;
}

/** What a template of one execution is evaluated against. */
export interface ExecutionFacts {
  readonly run: RunContexts;
  readonly item: Json;
  readonly execution: JsonObject;
  readonly failure: JsonObject | null;
  readonly results: readonly ReadResult[];
  /** When the execution was made, ISO 8601. */
  readonly made: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly status?: StatusFunctions;
  readonly text: (object: object) => string | undefined;
  readonly functions: NonNullable<Scope['functions']>;
}

/** Builds the scopes of `${{ }}` and `$${{ }}`. */
export function buildScopes(facts: ExecutionFacts): Scopes {
  const shared = {
    vars: facts.run.vars,
    inputs: facts.run.inputs,
    cluster: facts.run.cluster,
    trigger: facts.run.trigger,
    item: facts.item,
    execution: facts.execution,
    failure: facts.failure,
  };
  const text = textsOf(facts);
  const scope = (forms: readonly StepRead['as'][], secrets: Value): Scope => ({
    contexts: { ...shared, secrets, satellites: satellitesView(facts.results, forms) },
    now: facts.made,
    status: facts.status,
    functions: facts.functions,
    text,
  });
  return { whole: scope(['whole', 'list'], facts.secrets), one: scope(['one'], null) };
}

/** In text a trigger reads as its time, and an error as its message (spec 2.1), wherever the value came from. */
function textsOf({ run, results, failure, text }: ExecutionFacts): ExecutionFacts['text'] {
  const texts = new Map<object, string>();
  const note = (object: unknown, field: string): void => {
    if (Array.isArray(object)) for (const one of object) note(one, field);
    const value = isJsonObject(object) ? object[field] : undefined;
    if (isJsonObject(object) && typeof value === 'string') texts.set(object, value);
  };
  note(run.trigger, 'time');
  for (const result of results) note(result.error, 'message');
  note(failure?.['error'], 'message');
  return (object) => texts.get(object) ?? text(object);
}

function satellitesView(results: readonly ReadResult[], forms: readonly StepRead['as'][]): Record<string, Value> {
  const view: Record<string, Value> = {};
  for (const result of results) {
    if (forms.includes(result.read.as)) view[result.read.step] = resultView(result);
  }
  return view;
}

function resultView(result: ReadResult): Record<string, Value> {
  const field = isJsonObject(result.output) && Object.hasOwn(result.output, 'error') ? (result.output['error'] ?? null) : null;
  const isList = result.read.as === 'list';
  return {
    output: result.output,
    error: result.error as Value, // an ExecutionError is plain data
    [outputErrorAttribute]: isList ? null : ((result.error as Value) ?? field),
    status: result.status,
    retries: result.retries,
    metrics: result.metrics,
    'started-at': result.startedAt,
    'ended-at': result.endedAt,
    parents: result.parents,
  };
}
