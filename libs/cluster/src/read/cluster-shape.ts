import type { JsonObject } from '@exosphere/model';
import { byKind, mapping, optional, recordOf, required } from './collection-shapes.ts';
import { anything, data } from './data-shapes.ts';
import { choice, constant, duration, flag, integer, plainText, shareOrCount, text } from './scalar-shapes.ts';
import type { Read } from './shape.ts';
import { failureStepShape, identifierPattern, logStepShape, retriesShape, stepList, stepShape } from './step-shape.ts';
import { triggerShape } from './trigger-shape.ts';

/** Versions of the cluster file that are understood. */
export const knownVersions = ['0.0.1b'] as const;

const named = (what: string): { what: string; pattern: RegExp } => ({ what, pattern: identifierPattern });

const input = mapping({
  type: optional(choice(['string', 'number', 'boolean', 'choice', 'object', 'array']), 'Default: string.'),
  required: optional(flag(), 'Whether a run must be given it. Default: false.'),
  default: optional(data(), 'Its value where a run is given none.'),
  options: optional(anything({ type: 'array', minItems: 1 }), 'The values of a choice.'),
  schema: optional(anything({ type: ['object', 'boolean'] }), 'A JSON Schema of its value.'),
  description: optional(text(), 'For people.'),
});

const concurrency = byKind(text(), {
  kind: 'map',
  shape: mapping({
    group: required(text(), 'A template; runs for which it gives the same text form a group.'),
    limit: optional(integer(1, 10_000), 'Runs of a group at a time. Default: 1.'),
    'on-conflict': optional(choice(['queue', 'skip', 'cancel-running']), 'What becomes of a run too many. Default: queue.'),
  }),
});

const failure = mapping({
  from: optional(text(), 'The step from which on failures start the chain. Default: any step.'),
  satellites: optional(stepList(failureStepShape), 'The steps of the chain, in order.'),
  per: optional(choice(['item', 'run']), 'Once for each failed item (default), or once for the run.'),
  tolerate: optional(shareOrCount({ least: 0 }), 'Failed items that the run bears, as a number or a share: 2%.'),
});

const secretsSchema: JsonObject = {
  anyOf: [
    { type: 'object' },
    { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'object', minProperties: 1, maxProperties: 1 }] } },
  ],
};

/** The keys of `cluster`. */
export const clusterShape = mapping({
  identifier: required(text({ form: 'project/name' }), 'project/name.'),
  title: optional(text(), 'For people.'),
  description: optional(text(), 'For people.'),
  labels: optional(recordOf(plainText()), 'For people and filters.'),
  'run-name': optional(text(), 'A template: what a run is called.'),
  sla: required(duration('5m', '7d'), 'The most time a run may take: 6h, 12h and 24h are the price classes.'),
  'on-sla-miss': optional(choice(['continue', 'fail', 'cancel']), 'What happens to a run that is late. Default: continue.'),
  trigger: required(triggerShape, 'What starts a run.'),
  inputs: optional(recordOf(input, named('name of an input')), 'Typed inputs of a run, read as inputs.NAME.'),
  retries: optional(retriesShape, 'Extra attempts for each satellite. Default: 5.'),
  timeout: optional(duration('1ms', '7d'), 'Time limit of one attempt, where the step has none.'),
  secrets: optional(anything(secretsSchema), 'Secrets: a mapping, a list of one-key mappings, or a list of names.'),
  vars: optional(recordOf(data(), named('name of a variable')), 'Plain values, read as vars.NAME.'),
  concurrency: optional(concurrency, 'How many runs of a group go at a time.'),
  satellites: required(stepList(stepShape), 'The steps, in order.'),
  logs: optional(
    mapping({ satellites: required(stepList(logStepShape), "Sinks for the run's log records.") }),
    'Where log records are sent.',
  ),
  failure: optional(failure, 'What is done about failed items.'),
  outputs: optional(recordOf(anything(), named('name of an output')), 'Named values, computed when the items have ended.'),
});

/** A cluster as the file has it. */
export type ClusterSource = Read<typeof clusterShape>;

/** `version`. */
export const versionShape = constant(knownVersions, 'version');

const fileShape = mapping({
  version: required(versionShape, 'The version of the cluster API.'),
  cluster: required(clusterShape, 'The cluster.'),
});

/** JSON Schema of a cluster file, for editors. It comes from the table of keys that `readCluster` reads with. */
export const clusterFileSchema: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Exosphere cluster',
  ...fileShape.schema,
};
