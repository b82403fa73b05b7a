import type { JsonObject, PlanStep, RetryPolicy, TemplateNode } from '@exosphere/model';
import { join } from '../read/collection-shapes.ts';
import type { Found } from '../read/shape.ts';
import { kindInWords, valueOf } from '../read/source-node.ts';
import type { SourceMap, SourceNode } from '../read/source-node.ts';
import { checkCondition } from './check-condition.ts';
import type { CheckedCondition } from './check-condition.ts';
import { checkOutputSchema } from './check-output-schema.ts';
import { checkPlainText } from './check-plain-text.ts';
import { checkAgainstSchema } from './check-schema.ts';
import { checkText } from './check-template.ts';
import type { Linked } from './graph.ts';
import type { Resolved } from './resolve-uses.ts';
import type { JsonType, SchemaView } from './schema-view.ts';
import { viewSchema } from './schema-view.ts';
import { shapeValue, withoutKey } from './shape-value.ts';
import { newSpecimen } from './shaping.ts';
import { stepSecrets } from './step-secrets.ts';
import type { Viewer } from './viewer.ts';

/** What the templates of a step are, once they are checked. */
export interface CheckedStep {
  readonly config: TemplateNode;
  readonly input: TemplateNode | null;
  readonly secrets: PlanStep['secrets'];
  readonly condition: CheckedCondition | null;
}

const openSchema: JsonObject = {};

/** Checks the config, input, secrets and condition of a step. */
export function checkStep(step: Linked, resolved: Resolved | null, viewer: Viewer): CheckedStep {
  const { config, input, secrets, name, if: condition, 'rate-limit': rateLimit } = step.source.value;
  const report = viewer.file.report;
  if (name !== undefined) checkPlainText(name.value, name, report);
  if (config !== undefined) checkOutputSchema(config, viewer.file);
  const key = rateLimit?.value.key;
  if (key?.node.kind === 'scalar') checkText({ node: key.node, at: key.at }, key.value, { ...viewer, secrets: false });
  const inConfig = config === undefined ? undefined : valueOf(config.value, 'secrets');
  const given = [
    ...(config === undefined || inConfig === undefined
      ? []
      : [{ value: inConfig, node: inConfig, start: inConfig.start, at: join(config.at, 'secrets') }]),
    ...(secrets === undefined ? [] : [secrets]),
  ];
  return {
    config: checkConfig(step, config, { resolved, viewer }),
    input: input === undefined ? null : checkInput(step, input, { resolved, viewer }),
    secrets: stepSecrets({ given, keys: resolved?.secrets ?? null, satellite: resolved?.locked.reference ?? '' }, viewer),
    condition: condition === undefined ? null : checkCondition(condition, { ...viewer, secrets: false, statusFunctions: true }),
  };
}

interface Checking {
  readonly resolved: Resolved | null;
  readonly viewer: Viewer;
}

function checkConfig(step: Linked, config: Found<SourceMap> | undefined, { resolved, viewer }: Checking): TemplateNode {
  const start = step.source.value.uses?.start ?? step.source.start;
  if (config !== undefined && resolved !== null) refuseConfigKeys(step, config, { resolved, viewer });
  const nothing: SourceMap = { kind: 'map', entries: [], start, end: start };
  const node = config === undefined ? nothing : withoutKey(config.value, 'secrets');
  const place = config ?? { start, at: join(step.source.at, 'config') };
  return checkValue(node, place, { schema: resolved?.config ?? openSchema, viewer, what: `The config of step '${step.identifier}'` });
}

/** A cluster has no config, and a configured satellite has set some of its own. */
function refuseConfigKeys(
  step: Linked,
  config: Found<SourceMap>,
  { resolved, viewer }: { readonly resolved: Resolved; readonly viewer: Viewer },
): void {
  const { report } = viewer.file;
  if (resolved.kind === 'cluster') {
    const message = `A cluster as a step has no config. Give step '${step.identifier}' an input: it becomes the inputs of the inner run.`;
    report.error('key-not-here', config, message);
  }
  for (const { key, keySpan } of config.value.entries) {
    if (!resolved.preset.includes(key)) continue;
    const message = `'${resolved.locked.reference}' sets '${key}' itself, so a step may not. Leave it out, or use the satellite that it is made of.`;
    report.error('key-not-here', { start: keySpan.start, at: join(config.at, key) }, message, { found: key });
  }
}

function checkInput(step: Linked, input: Found<SourceNode>, { resolved, viewer }: Checking): TemplateNode {
  return checkValue(input.value, input, { schema: resolved?.input ?? openSchema, viewer, what: `The input of step '${step.identifier}'` });
}

interface ValueCheck {
  readonly schema: JsonObject;
  readonly viewer: Viewer;
  readonly what: string;
}

function checkValue(node: SourceNode, { start, at }: { start: number; at: string }, { schema, viewer, what }: ValueCheck): TemplateNode {
  const specimen = newSpecimen();
  const shaped = shapeValue(node, { at, pointer: '', view: asMapping(viewSchema(schema)) }, { viewer, specimen });
  const isText = node.kind === 'scalar' && shaped.isPlaceholder !== true;
  if (isText || (node.kind === 'list' && Array.isArray(shaped.example))) {
    viewer.file.report.error('wrong-type', { start, at }, `${what} is ${kindInWords(node)}, expected a mapping.`);
  } else checkAgainstSchema({ schema, shaped, specimen, what, place: { start, at } }, viewer.file.report);
  return shaped.node;
}

/** Config and input are mappings, whatever their schema leaves open. */
function asMapping(view: SchemaView): SchemaView {
  return { ...view, types: new Set<JsonType>(['object']) };
}

/** The retries of a step: its own, or the cluster's. A cluster as a step is retried only where the step says so (rule 54). */
export function baseRetries(resolved: Resolved | null, cluster: RetryPolicy): RetryPolicy {
  return resolved?.kind === 'cluster' ? { ...cluster, max: 0 } : cluster;
}
