import type { Json, JsonObject, LogLevel, PlanStep, TemplateNode } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import type { Clock, Ledger } from '@exosphere/ports';
import type { ExecutionFacts, ReadResult, StepTemplates } from '@exosphere/run-machine';
import { TemplateFailure, buildScopes, resolveTree } from '@exosphere/run-machine';
import { ObjectTexts } from './object-texts.ts';
import { missingSecret } from './prepare-item.ts';
import { listResult, targetOf } from './read-results.ts';
import { Results } from './results.ts';
import type { RunInfo } from './run-info.ts';
import { valueText } from './value-text.ts';

/** What the templates of a log step are resolved with. */
export interface LogStepPlace {
  readonly run: RunInfo;
  readonly step: PlanStep;
  readonly templates: StepTemplates;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly functions: ExecutionFacts['functions'];
  /** Values of the secrets that the step is granted; a missing one is absent. */
  readonly granted: ReadonlyMap<string, string>;
}

/** What the satellite of a log step is called with, beside the records. */
export interface PreparedLogStep {
  readonly config: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
  readonly level: LogLevel;
}

/**
 * Resolves the templates of a log step: every step that they read is a list of what has been handed on until now (rule 35).
 *
 * @throws TemplateFailure, ExpressionError, ExosphereError `LIST_TOO_LARGE`
 */
export async function prepareLogStep(place: LogStepPlace): Promise<PreparedLogStep> {
  const { step, templates, granted } = place;
  const missing = step.grants.find((name) => !granted.has(name));
  if (missing !== undefined) throw new TemplateFailure('secret-missing', missingSecret(step, missing));
  const texts = new ObjectTexts();
  const scopes = buildScopes({
    run: place.run.contexts,
    item: null,
    execution: {},
    failure: null,
    results: await readLists(place, texts),
    made: new Date(place.clock.now()).toISOString(),
    secrets: Object.fromEntries(granted),
    text: texts.textOf,
    functions: place.functions,
  });
  const config = resolveTree(templates.config, scopes, 'config-invalid');
  const secrets = templates.secrets.map(({ key, value }) => [key, valueText(resolveTree(value, scopes, 'config-invalid'))] as const);
  const object = isJsonObject(config) ? config : {};
  return { config: object, secrets: Object.fromEntries(secrets), level: levelOf(object) };
}

async function readLists({ run, step, ledger }: LogStepPlace, texts: ObjectTexts): Promise<readonly ReadResult[]> {
  // new each time: what has been handed on grows
  const results = new Results(ledger, run, texts);
  const lists: ReadResult[] = [];
  for (const read of step.reads) {
    const { index } = targetOf(run, read);
    const output = read.attributes.includes('output') ? await results.listBelow(index, [], null) : null;
    const errors = read.attributes.includes('error') ? await results.errorsBelow(index, [], null) : [];
    lists.push(listResult(read, { output, errors }));
  }
  return lists;
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const levelKey = 'log-level';
const defaultLevel = 'info';

/** The least level that the sink wants, where no template has to be resolved to know it. */
export function literalLevel(config: TemplateNode): LogLevel | null {
  if (config.kind === 'literal') return isJsonObject(config.value) ? asLevel(config.value[levelKey]) : defaultLevel;
  if (config.kind !== 'map') return null;
  const given = config.entries.find((entry) => entry.key === levelKey)?.value;
  if (given === undefined) return defaultLevel;
  return given.kind === 'literal' ? asLevel(given.value) : null;
}

/** Null: it is no level. */
function asLevel(given: Json | undefined): LogLevel | null {
  return levels.find((one) => one === (given ?? defaultLevel)) ?? null;
}

function levelOf(config: JsonObject): LogLevel {
  const given = config[levelKey];
  const level = asLevel(given);
  if (level !== null) return level;
  throw new TemplateFailure('config-invalid', `config/log-level is ${JSON.stringify(given)}; expected one of ${levels.join(', ')}`);
}
