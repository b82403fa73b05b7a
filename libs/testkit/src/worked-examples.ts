import { readFileSync } from 'node:fs';
import type { Json, JsonObject } from '@exosphere/model';
import { InternalError, isJsonObject } from '@exosphere/model';
import { parseAllDocuments } from 'yaml';
import { manifestsWith } from './test-satellites.ts';
import type { WorkedAction, WorkedCase, WorkedExpectation, WorkedFault } from './worked-example-types.ts';
import { withChanges } from './worked-example-variant.ts';

/** Where the examples lie: one YAML document each. */
export const workedExamplesFile = new URL('../testdata/worked-examples.yml', import.meta.url);

/** The worked examples of the execution semantics, each variant a case of its own. */
export function workedExamples(): readonly WorkedCase[] {
  const documents = parseAllDocuments(readFileSync(workedExamplesFile, 'utf8'), { merge: true });
  if (!Array.isArray(documents)) throw new InternalError('the worked examples are empty');
  return documents.flatMap((document) => {
    if (document.errors.length > 0) throw new InternalError(`the worked examples are no YAML: ${document.errors[0]?.message ?? ''}`);
    return casesOf(object(document.toJS() as Json)); // YAML of the core schema gives JSON
  });
}

function casesOf(example: JsonObject): readonly WorkedCase[] {
  const name = text(example['name']);
  const variants = list(example['variants']).map(object);
  return [caseOf(name, example), ...variants.map((variant) => caseOf(`${name}: ${text(variant['name'])}`, variantOf(example, variant)))];
}

/** The example with a variant's changes: inputs, faults, actions and manifests are the example's unless given, `expect` is its own. */
function variantOf(example: JsonObject, variant: JsonObject): JsonObject {
  const file = object(example['cluster']);
  const cluster = { ...file, cluster: withChanges(object(file['cluster']), object(variant['set'])) };
  return { ...example, ...variant, cluster };
}

function caseOf(name: string, source: JsonObject): WorkedCase {
  return {
    name,
    cluster: object(source['cluster']),
    clusters: objects(source['clusters']),
    manifests: manifestsWith(objects(source['manifests'])),
    inputs: object(source['inputs']),
    faults: list(source['faults']).map((fault) => faultOf(object(fault))),
    actions: list(source['actions']).map((action) => actionOf(object(action))),
    expect: expectationOf(source['expect']),
  };
}

function faultOf(fault: JsonObject): WorkedFault {
  const attempt = fault['attempt'];
  return {
    run: number(fault['run'] ?? 1),
    at: text(fault['at']),
    attempts: attempt === undefined ? null : (Array.isArray(attempt) ? attempt : [attempt]).map(number),
    effect: effectOf(fault),
  };
}

function effectOf(fault: JsonObject): WorkedFault['effect'] {
  if (fault['lost'] === true) return { kind: 'lost' };
  if (fault['returns'] !== undefined) return { kind: 'returns', objects: list(fault['returns']).map(object) };
  if (fault['hold'] === 'pending' || fault['hold'] === 'running') return { kind: 'hold', as: fault['hold'] };
  const error = object(fault['error']);
  return { kind: 'error', message: text(error['message']), code: text(error['code']), retryable: error['retryable'] !== false };
}

function actionOf(action: JsonObject): WorkedAction {
  const run = number(action['run'] ?? 1);
  if (action['release'] !== undefined) return { kind: 'release', run, at: text(action['release']) };
  if (action['cancel'] === true) return { kind: 'cancel', run };
  if (action['retry'] === 'failed') return { kind: 'retry', run };
  if (action['trigger'] !== undefined) return { kind: 'trigger', inputs: object(object(action['trigger'])['inputs']) };
  if (action['expect'] !== undefined) return { kind: 'expect', expect: expectationOf(action['expect']) };
  throw new InternalError(`an action that nobody knows: ${JSON.stringify(action)}`);
}

const expectationKeys = ['run', 'steps', 'executions', 'diagnostics', 'calls', 'missed', 'inner-runs', 'logs', 'runs', 'events'];

function expectationOf(value: Json | undefined): WorkedExpectation {
  const expectation = object(value);
  const stranger = Object.keys(expectation).find((key) => !expectationKeys.includes(key));
  if (stranger !== undefined) throw new InternalError(`an expectation that nobody checks: '${stranger}'`);
  return expectation; // the shape is the file's, whose content a test pins by its digest
}

function object(value: Json | undefined): JsonObject {
  if (value === undefined) return {};
  if (!isJsonObject(value)) throw new InternalError(`expected a mapping in a worked example, found ${JSON.stringify(value)}`);
  return value;
}

function objects(value: Json | undefined): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(Object.entries(object(value)).map(([key, inner]) => [key, object(inner)]));
}

function list(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new InternalError(`expected a list in a worked example, found ${JSON.stringify(value)}`);
  return value as readonly Json[]; // Array.isArray does not narrow a readonly list
}

function text(value: Json | undefined): string {
  if (typeof value !== 'string') throw new InternalError(`expected a text in a worked example, found ${JSON.stringify(value)}`);
  return value;
}

function number(value: Json): number {
  if (typeof value !== 'number') throw new InternalError(`expected a number in a worked example, found ${JSON.stringify(value)}`);
  return value;
}
