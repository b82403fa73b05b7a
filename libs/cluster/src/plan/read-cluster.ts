import type { Diagnostic, Plan } from '@exosphere/model';
import type { Catalog } from '../check/catalog.ts';
import { checkSteps } from '../check/check-cluster.ts';
import { declaredSecrets, withoutSecrets } from '../check/declared-secrets.ts';
import { checkInputs } from '../check/inputs.ts';
import { nameSteps } from '../check/named-steps.ts';
import { clusterIdentifier } from '../check/reference.ts';
import { checkTriggers } from '../check/triggers.ts';
import type { ClusterSource } from '../read/cluster-shape.ts';
import { readClusterSource } from '../read/read-cluster-source.ts';
import type { SourceFile } from '../read/source-file.ts';
import { readYaml } from '../read/read-yaml.ts';
import { buildPlan } from './build-plan.ts';
import { checkOutputs, checkRunTexts } from './cluster-texts.ts';

/** What `readCluster` is given beside the text. */
export interface ReadClusterOptions {
  /** Name of the file, for diagnostics. */
  readonly file: string | null;
  readonly catalog: Catalog;
}

/** What a cluster file means, or what is wrong with it. */
export interface ClusterReading {
  /** Errors and warnings, by position in the file. */
  readonly diagnostics: readonly Diagnostic[];
  /** Null where there is an error. */
  readonly plan: Plan | null;
  /** The values that the file gives to secrets: they belong into the vault, and never into the plan. */
  readonly literalSecrets: Readonly<Record<string, string>>;
  /** The text with those values taken out; null where it could not be read. */
  readonly source: string | null;
}

/**
 * Reads a cluster file: YAML 1.2 or JSON (spec 1).
 *
 * @example readCluster(text, { file: 'cluster.yml', catalog }).plan?.steps.map(({ identifier }) => identifier)
 */
export function readCluster(text: string, { file, catalog }: ReadClusterOptions): ClusterReading {
  const yaml = readYaml(text, file);
  const { report } = yaml;
  const cluster = yaml.root === null ? null : readClusterSource(yaml.root, report);
  if (cluster === null) return { diagnostics: report.diagnostics(), plan: null, literalSecrets: {}, source: null };
  const secrets = declaredSecrets(cluster.secrets, yaml.text, report);
  const plan = planOf(cluster, { file: yaml, catalog, secrets });
  return {
    diagnostics: report.diagnostics(),
    plan,
    literalSecrets: Object.fromEntries(secrets.literals.map(({ name, value }) => [name, value])),
    source: withoutSecrets(yaml.text, secrets.literals),
  };
}

interface Planning {
  readonly file: SourceFile;
  readonly catalog: Catalog;
  readonly secrets: ReturnType<typeof declaredSecrets>;
}

function planOf(source: ClusterSource, { file, catalog, secrets }: Planning): Plan | null {
  const { report } = file;
  const identifier = identifierOf(source, report);
  const named = nameSteps(source, report);
  if (named === null) return null;
  const steps = checkSteps(source, named, { file, catalog, identifier, secrets });
  checkRunTexts(source, steps.viewers, report);
  const filterViewer = steps.viewers.ofRun("A webhook's filter", ['trigger', 'vars', 'cluster']);
  const parts = {
    source,
    identifier,
    steps,
    triggers: checkTriggers(source.trigger, filterViewer),
    inputs: checkInputs(source.inputs, report),
    secrets: secrets.names,
    outputs: checkOutputs(source, steps.viewers),
  };
  return report.errorCount() > 0 ? null : buildPlan(parts);
}

function identifierOf({ identifier }: ClusterSource, report: SourceFile['report']): string {
  if (identifier === undefined) return '';
  const name = clusterIdentifier.exec(identifier.value)?.[1];
  if (name !== undefined) return name;
  report.error('bad-identifier', identifier, `'${identifier.value}' is no identifier of a cluster. Write project/name.`, {
    found: identifier.value,
  });
  return '';
}
