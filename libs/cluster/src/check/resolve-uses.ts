import type { Json, JsonObject, LockedSatellite } from '@exosphere/model';
import { isJsonObject } from '@exosphere/model';
import { cardinalityOf } from '@exosphere/satellite-protocol';
import { didYouMean, hintOf } from '../read/closest-name.ts';
import { join } from '../read/collection-shapes.ts';
import { jsonOf } from '../read/data-shapes.ts';
import type { Report } from '../read/report.ts';
import type { Found } from '../read/shape.ts';
import type { SourceMap } from '../read/source-node.ts';
import { valueOf } from '../read/source-node.ts';
import type { Catalog, CatalogSatellite } from './catalog.ts';
import { inputSchema } from './input-schema.ts';
import type { NamedStep } from './named-steps.ts';
import { readReference } from './reference.ts';
import { resolveCluster } from './resolve-cluster.ts';
import { hasPlaceholder } from './has-placeholder.ts';

/** What a step runs. */
export interface Resolved {
  readonly locked: LockedSatellite;
  readonly config: JsonObject;
  readonly input: JsonObject;
  /** Config keys that are set in advance: a step may not set them. */
  readonly preset: readonly string[];
  /** The keys that `secrets` may set. */
  readonly secrets: readonly string[];
  /** Time limit of one attempt by its manifest (or of a whole run, for a cluster). */
  readonly timeoutMs: number | null;
  readonly kind: 'satellite' | 'cluster';
}

export interface Resolving {
  readonly catalog: Catalog;
  /** `project/name` of the cluster that is read. */
  readonly cluster: string;
  readonly report: Report;
}

/** Looks up what a step uses. Null where it cannot be found, which is reported. */
export function resolveUses({ source }: NamedStep, resolving: Resolving): Resolved | null {
  const { uses, config } = source.value;
  if (uses === undefined) return null;
  const reference = readReference(uses, resolving.report);
  if (reference === null) return null;
  if (reference.kind === 'cluster') return fromCluster(uses, reference.identifier, resolving);
  const satellite = resolving.catalog.satellite(reference.reference, reference.range);
  if (satellite === 'unknown') return refuseUnknown(uses, reference.reference, resolving);
  if ('unknownVersion' in satellite) {
    const found = reference.range ?? 'latest';
    const known = satellite.versions.length === 0 ? 'It has none.' : `It has: ${satellite.versions.join(', ')}.`;
    resolving.report.error('unknown-satellite-version', uses, `'${reference.reference}' has no version that fits '${found}'. ${known}`, {
      found,
    });
    return null;
  }
  return fromSatellite(satellite, config, resolving.report);
}

function refuseUnknown(uses: Found<string>, reference: string, { catalog, report }: Resolving): null {
  const hint = hintOf(reference, catalog.names());
  report.error('unknown-satellite', uses, `There is no satellite '${reference}'.${didYouMean(hint.hint)}`, { found: uses.value, ...hint });
  return null;
}

function fromSatellite(
  { reference, version, digest, manifest, images }: CatalogSatellite,
  config: Found<SourceMap> | undefined,
  report: Report,
): Resolved {
  const { text, key } = manifest.output;
  const cardinality = cardinalityOf(manifest, literalChoice(manifest, config, report));
  return {
    locked: { reference, version, digest, cardinality, text, key, ...(images === undefined ? {} : { images }) },
    config: manifest.config,
    input: manifest.input,
    preset: Object.keys(manifest.preset),
    secrets: manifest.secrets,
    timeoutMs: manifest.timeoutMs,
    kind: 'satellite',
  };
}

/** The config key that decides between one and many: it must be known here, so it must not be a template. */
function literalChoice(
  { output: { cardinality } }: CatalogSatellite['manifest'],
  config: Found<SourceMap> | undefined,
  report: Report,
): JsonObject {
  if (typeof cardinality === 'string' || config === undefined) return {};
  const choice = valueOf(config.value, cardinality.config);
  if (choice === undefined) return {};
  const value: Json = jsonOf(choice);
  if (typeof value === 'string' && hasPlaceholder(value)) {
    const message = `'${cardinality.config}' decides whether the step returns one object or many, so it must be written out: one or many.`;
    report.error('cardinality-not-literal', { start: choice.start, at: join(config.at, cardinality.config) }, message, { found: value });
  }
  return isJsonObject(value) ? {} : { [cardinality.config]: value };
}

function fromCluster(uses: Found<string>, identifier: string, resolving: Resolving): Resolved | null {
  const cluster = resolveCluster(uses, identifier, resolving);
  if (cluster === null) return null;
  return {
    locked: {
      reference: `cluster/${cluster.identifier}`,
      version: cluster.version,
      digest: cluster.digest,
      cardinality: 'one',
      text: null,
      key: null,
    },
    config: {},
    input: inputSchema(cluster.inputs),
    preset: [],
    secrets: [],
    timeoutMs: cluster.slaMs,
    kind: 'cluster',
  };
}
