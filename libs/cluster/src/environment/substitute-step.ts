import type { JsonObject, LockedSatellite, Plan, PlanStep, TemplateEntry, TemplateNode } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import { cardinalityOf } from '@exosphere/satellite-protocol';
import type { CatalogSatellite } from '../check/catalog.ts';
import { checkAgainstSchema } from '../check/check-schema.ts';
import { viewSchema } from '../check/schema-view.ts';
import { shapeValue } from '../check/shape-value.ts';
import { newSpecimen } from '../check/shaping.ts';
import { stepSecrets } from '../check/step-secrets.ts';
import { createUses } from '../check/uses.ts';
import type { Viewer } from '../check/viewer.ts';
import { runContexts } from '../check/viewer.ts';
import type { Place, Report } from '../read/report.ts';
import type { Substitution } from './environment.ts';
import { fitValue } from './fit-value.ts';
import { sourceOf, sourceOfObject } from './source-of.ts';

/** What a step is substituted with. */
export interface Substitute {
  readonly satellite: CatalogSatellite;
  readonly substitution: Substitution;
  readonly place: Place;
  readonly plan: Plan;
  /** The secrets that the environment has. */
  readonly secrets: readonly string[];
  readonly report: Report;
}

/** The step with another satellite: its config and input as that one wants them. What does not fit is reported. */
export function substituteStep(step: PlanStep, substitute: Substitute): PlanStep {
  const { satellite, substitution, report } = substitute;
  const viewer = viewerOf(substitute);
  const { secrets: given, ...config } = substitution.config;
  const own = shape(config, { schema: satellite.manifest.config, at: `${substitute.place.at}/config`, viewer });
  const merged = withEntries(step.config, own);
  const input =
    substitution.input === null
      ? step.input
      : shape(substitution.input, { schema: satellite.manifest.input, at: `${substitute.place.at}/input`, viewer });
  const locked = lockedAs(step.satellite, satellite, literalPart(merged));
  if (locked.cardinality !== step.satellite.cardinality) {
    const message = `'${satellite.reference}' returns ${locked.cardinality} where '${step.satellite.reference}' returns ${step.satellite.cardinality}.`;
    report.error('substitute-mismatch', substitute.place, message, { found: satellite.reference });
  }
  const secrets =
    given === undefined
      ? {}
      : stepSecrets(
          {
            given: [{ ...located(sourceOf(given)), at: `${substitute.place.at}/config/secrets` }],
            keys: satellite.manifest.secrets,
            satellite: satellite.reference,
          },
          viewer,
        );
  return {
    ...step,
    satellite: locked,
    config: fit(merged, { ...substitute, schema: satellite.manifest.config, what: `The config of step '${step.identifier}'` }),
    input:
      input === null
        ? null
        : fit(input, { ...substitute, schema: satellite.manifest.input, what: `The input of step '${step.identifier}'` }),
    secrets: { ...secretsFor(step, satellite), ...secrets },
    grants: [...new Set([...step.grants, ...viewer.uses.grants()])].sort(),
  };
}

function located(node: ReturnType<typeof sourceOf>): { readonly node: typeof node; readonly value: typeof node; readonly start: number } {
  return { node, value: node, start: 0 };
}

/** Templates of an environment read what is known of a run; they belong to no item. */
function viewerOf({ plan, secrets, report }: Substitute): Viewer {
  return {
    name: 'An environment',
    file: { text: '', report },
    declared: {
      inputs: Object.keys(plan.inputs),
      vars: Object.keys(plan.vars),
      secrets: [...plan.secrets, ...secrets],
      steps: [],
      findStep: () => undefined,
    },
    contexts: new Set([...runContexts, 'secrets']),
    statusFunctions: false,
    secrets: true,
    failure: 'none',
    see: () => ({ kind: 'none' }),
    namesOnly: false,
    uses: createUses(),
  };
}

function shape(
  value: JsonObject,
  { schema, at, viewer }: { readonly schema: JsonObject; readonly at: string; readonly viewer: Viewer },
): TemplateNode {
  return shapeValue(sourceOfObject(value), { at, pointer: '', view: viewSchema(schema) }, { viewer, specimen: newSpecimen() }).node;
}

interface Fitting extends Substitute {
  readonly schema: JsonObject;
  readonly what: string;
}

function fit(node: TemplateNode, { schema, what, place, report }: Fitting): TemplateNode {
  const specimen = newSpecimen();
  const shaped = fitValue(node, { pointer: '', view: viewSchema(schema) }, specimen);
  if (shaped.isPlaceholder !== true) checkAgainstSchema({ schema, shaped, specimen, what, place }, report);
  return shaped.node;
}

/** A mapping with some entries set in place of, or beside, its own. */
function withEntries(base: TemplateNode, over: TemplateNode): TemplateNode {
  const set = entriesOf(over);
  const kept = entriesOf(base).filter(({ key }) => set.every((entry) => entry.key !== key));
  return { kind: 'map', entries: [...kept, ...set] };
}

function entriesOf(node: TemplateNode): readonly TemplateEntry[] {
  if (node.kind === 'map') return node.entries;
  if (node.kind !== 'literal' || !isJsonObject(node.value)) return [];
  return Object.entries(node.value).map(([key, value]) => ({ key, value: { kind: 'literal', value }, keepNull: false }));
}

function literalPart(config: TemplateNode): JsonObject {
  const literals = entriesOf(config).flatMap(({ key, value }) => (value.kind === 'literal' ? [[key, value.value] as const] : []));
  return Object.fromEntries(literals);
}

/** Templates were checked against the original, so its text field stays; streaming is the substitute's affair. */
function lockedAs(
  original: LockedSatellite,
  { reference, version, digest, manifest, images }: CatalogSatellite,
  config: JsonObject,
): LockedSatellite {
  const text = original.text ?? manifest.output.text;
  const pinned = images === undefined ? {} : { images };
  return { reference, version, digest, cardinality: cardinalityOf(manifest, config), text, key: manifest.output.key, ...pinned };
}

/** The secrets of the step that the substitute takes. */
function secretsFor({ secrets }: PlanStep, { manifest }: CatalogSatellite): PlanStep['secrets'] {
  return Object.fromEntries(Object.entries(secrets).filter(([key]) => manifest.secrets.includes(key)));
}
