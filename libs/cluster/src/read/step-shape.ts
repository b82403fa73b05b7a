import { byKind, listOf, mapping, oneOrMany, optional, required } from './collection-shapes.ts';
import { anyMapping, anything } from './data-shapes.ts';
import { choice, duration, flag, integer, numberFrom, scalarText, shareOrCount, text } from './scalar-shapes.ts';
import type { Found, Read, Shape } from './shape.ts';
import type { SourceNode } from './source-node.ts';
import { valueOf } from './source-node.ts';
import { refused } from './special-shapes.ts';

/** What names a step: letters, digits, `_` and `-`, so that `satellites.NAME` can be written. */
export const identifierPattern = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** `retries`: a number of extra attempts, or the whole policy. */
export const retriesShape = byKind(integer(0, 1000), {
  kind: 'map',
  shape: mapping({
    max: optional(integer(0, 1000), 'Extra attempts after the first. Default: 5.'),
    delay: optional(duration('0s', '1d'), 'Wait before the second attempt. Default: 1s.'),
    backoff: optional(choice(['fixed', 'exponential']), 'How the wait grows. Default: exponential.'),
    factor: optional(numberFrom(1), 'What an exponential wait is multiplied with. Default: 2.'),
    'max-delay': optional(duration('0s', '7d'), 'The longest wait. Default: 5m.'),
    jitter: optional(flag(), 'Whether a wait is drawn at random up to its length. Default: true.'),
  }),
});

const collectShape = byKind(text(), {
  kind: 'map',
  shape: mapping({
    per: required(text({ form: '`run`, or the name of a step' }), '`run`, or the ancestor once per object of which the step runs.'),
    when: optional(choice(['all-succeeded', 'all-finished']), 'What it waits for. Default: all-succeeded.'),
    min: optional(
      shareOrCount({ least: 0 }),
      'How many items must have succeeded, as a number or a share: 98%. Takes the place of `when`.',
    ),
  }),
});

const inputShape = anything({ anyOf: [{ type: 'object' }, { type: 'string' }, { type: 'array' }] });

const keysOfEveryStep = {
  identifier: optional(
    text({ pattern: identifierPattern, form: "a name of letters, digits, '_' and '-'", code: 'bad-identifier' }),
    'Names the step. Default: the last part of `uses`.',
  ),
  name: optional(text(), 'For people.'),
  uses: required(
    text({ form: 'a reference such as satellite/project/name' }),
    'satellite/project/name[@version], cluster/project/name, or the path of a local package: ./satellites/x.',
  ),
  config: optional(anyMapping(), 'What controls the satellite; its manifest says what it takes.'),
  secrets: optional(
    anything({ anyOf: [{ type: 'object' }, { type: 'array', items: { type: 'object' } }] }),
    "The satellite's key → ${{ secrets.NAME }}. The same as config.secrets.",
  ),
  retries: optional(retriesShape, "Extra attempts. Default: the cluster's."),
  timeout: optional(duration('1ms', '7d'), "Time limit of one attempt. Default: the cluster's, else the manifest's, else 15m."),
};

const keysOfWork = {
  input: optional(inputShape, 'The data of one item. Default: the item itself.'),
  delay: optional(duration('0s', '7d'), 'Wait before the first attempt.'),
  if: optional(scalarText(), 'A condition, decided for each item. Without a status function it means success() && (…).'),
  'on-skip': optional(choice(['end', 'pass']), '`end` ends the branch of a skipped item (default), `pass` hands the item on unchanged.'),
  'max-parallel': optional(integer(1, 1_000_000), 'Executions of this step in flight at a time, per run.'),
  'rate-limit': optional(
    mapping({
      limit: required(integer(1, 1_000_000_000), 'Executions within `per`, over all runs of the cluster.'),
      per: optional(duration('1s', '7d'), 'Default: 1m.'),
      key: optional(text(), 'A template: a limit for each value that it gives.'),
    }),
    'Executions that may start in a time, per cluster, step and key.',
  ),
  batch: optional(
    mapping({
      max: required(integer(1, 1000), 'Items in one call at most.'),
      wait: optional(duration('0s', '1h'), 'How long a call waits to fill up. Default: 0s.'),
    }),
    'Several items in one call. Each keeps its identity, retries and lineage.',
  ),
  'continue-on-error': optional(flag(), 'After its retries the execution ends completed, with its error kept, and hands on {error}.'),
  'on-ambiguous': optional(
    choice(['retry', 'fail']),
    'What to do after a crash where nobody knows whether the effect happened. Default: retry.',
  ),
  fresh: optional(choice(['lease', 'execution']), '`execution`: an isolate context for each item.'),
};

const needs = optional(oneOrMany(text()), 'The steps directly before. Default: the previous step of the list. []: a root.');

const keysOfStep = {
  ...keysOfEveryStep,
  ...keysOfWork,
  needs,
  collect: optional(collectShape, 'Fan-in: `run`, an ancestor, or {per, when, min}.'),
};

type StepKeys = typeof keysOfStep;

const noCollect = 'A step of the failure chain runs once for a failed item, so there is nothing to collect. Leave collect out.';
const noLogKey = (key: string): string =>
  `A log step gets the run's records and follows no other step, so it has no '${key}'. Leave it out.`;

function refuseKeys<Table extends object>(keys: Table): Table {
  const entries = Object.keys(keys).map((key) => [key, optional(refused(noLogKey(key)), noLogKey(key))]);
  return Object.fromEntries(entries) as Table; // the same keys, each with a shape that reads nothing
}

/** A step of `satellites`. */
export const stepShape = mapping(keysOfStep);
/** A step of `failure.satellites`. */
export const failureStepShape: Shape<Read<typeof stepShape>> = mapping<StepKeys>({
  ...keysOfStep,
  collect: optional(refused(noCollect), noCollect),
});
/** A step of `logs.satellites`. */
export const logStepShape: Shape<Read<typeof stepShape>> = mapping<StepKeys>({
  ...keysOfEveryStep,
  ...refuseKeys(keysOfWork),
  ...refuseKeys({ needs, collect: keysOfStep.collect }),
});

/** A step as the file has it. */
export type StepSource = Found<Read<typeof stepShape>>;

/** A list of steps; in paths a step's identifier stands in place of its index. */
export function stepList(shape: Shape<Read<typeof stepShape>>): Shape<readonly StepSource[]> {
  return listOf(shape, (node, index) => writtenIdentifier(node) ?? String(index));
}

/** The identifier of a step: as written, else the last part of `uses` where that is a valid one. */
export function writtenIdentifier(step: SourceNode): string | null {
  if (step.kind !== 'map') return null;
  const identifier = valueOf(step, 'identifier');
  const name = identifier === undefined ? lastPart(valueOf(step, 'uses')) : textOf(identifier);
  return name !== null && identifierPattern.test(name) ? name : null;
}

function lastPart(uses: SourceNode | undefined): string | null {
  const reference = uses === undefined ? null : textOf(uses);
  return (
    reference
      ?.replace(/@[^/]*$/, '')
      .split('/')
      .at(-1) ?? null
  );
}

function textOf(node: SourceNode): string | null {
  return node.kind === 'scalar' && typeof node.value === 'string' ? node.value : null;
}
