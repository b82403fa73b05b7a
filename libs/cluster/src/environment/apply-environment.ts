import type { Diagnostic, LockedSatellite, Plan, PlanStep, StepId } from '@exosphere/model';
import type { Catalog, CatalogSatellite } from '../check/catalog.ts';
import { readReference } from '../check/reference.ts';
import { didYouMean, hintOf } from '../read/closest-name.ts';
import type { Place, Report } from '../read/report.ts';
import { createReport } from '../read/report.ts';
import type { Environment, Substitution } from './environment.ts';
import { misfits } from './fit-manifest.ts';
import { sourceOf } from './source-of.ts';
import { substituteStep } from './substitute-step.ts';

/** A plan in an environment. */
export interface AppliedEnvironment {
  readonly diagnostics: readonly Diagnostic[];
  /** The plan with substitutes in place; null where one does not fit. */
  readonly plan: Plan | null;
  /** What stands for what: a run shows and pins both digests. */
  readonly substitutions: readonly AppliedSubstitution[];
}

/** One step, with the satellite that the file names and the one that stands for it. */
export interface AppliedSubstitution {
  readonly step: StepId;
  readonly original: LockedSatellite;
  readonly substitute: LockedSatellite;
}

/** What `applyEnvironment` is given beside plan and environment. */
export interface ApplyOptions {
  readonly catalog: Catalog;
  /** Name of the environment's file, for diagnostics. */
  readonly file: string | null;
}

/**
 * The plan as it runs in an environment (spec 4.4): satellites replaced, each substitute checked against what it stands for and against
 * what the steps give it. Secrets and endpoints are the affair of whoever runs it.
 */
export function applyEnvironment(plan: Plan, environment: Environment, options: ApplyOptions): AppliedEnvironment {
  const diagnostics: Diagnostic[] = [];
  const secrets = Object.keys(environment.secrets);
  let applied = plan;
  for (const [reference, substitution] of Object.entries(environment.satellites)) {
    const report = createReport(options.file, () => substitution.place);
    applied = substitute(applied, { reference: canonical(reference), substitution, secrets, report, ...options });
    diagnostics.push(...report.diagnostics());
  }
  const refused = diagnostics.some(({ severity }) => severity === 'error');
  return { diagnostics, plan: refused ? null : applied, substitutions: refused ? [] : differences(plan, applied) };
}

function canonical(reference: string): string {
  return /^[^./][^/]*\/[^/]+$/.test(reference) ? `satellite/${reference}` : reference;
}

interface Substituting extends ApplyOptions {
  readonly reference: string;
  readonly substitution: Substitution;
  readonly secrets: readonly string[];
  readonly report: Report;
}

function substitute(plan: Plan, { reference, substitution, secrets, report, catalog }: Substituting): Plan {
  const place: Place = { start: 0, at: `satellites/${reference}` };
  const used = stepsOf(plan).filter(({ satellite }) => satellite.reference === reference);
  if (used.length === 0) {
    const references = stepsOf(plan).map(({ satellite }) => satellite.reference);
    const hint = hintOf(reference, references);
    const message = `The cluster does not use '${reference}', so nothing stands for it.${didYouMean(hint.hint)}`;
    report.warning('unknown-substitute', place, message, { found: reference, ...hint });
    return plan;
  }
  const satellite = lookUp(substitution, { place, report, catalog });
  if (satellite === null) return plan;
  const [first] = used;
  const original = first === undefined ? 'unknown' : catalog.satellite(reference, first.satellite.version);
  if (typeof original === 'object' && 'manifest' in original) {
    for (const why of misfits(original.manifest, satellite.manifest)) {
      report.error('substitute-mismatch', place, `'${satellite.reference}' cannot stand for '${reference}': ${why}.`, {
        found: satellite.reference,
      });
    }
  }
  return mapSteps(plan, (step) =>
    used.includes(step) ? substituteStep(step, { satellite, substitution, place, plan, secrets, report }) : step,
  );
}

function lookUp(
  { uses }: Substitution,
  { place, report, catalog }: { readonly place: Place; readonly report: Report; readonly catalog: Catalog },
): CatalogSatellite | null {
  const reference = readReference({ value: uses, node: sourceOf(uses), ...place, at: `${place.at}/uses` }, report);
  if (reference === null) return null;
  if (reference.kind === 'cluster') {
    report.error('bad-uses', place, `'${uses}' is a cluster, and only a satellite can stand for a satellite.`, { found: uses });
    return null;
  }
  const satellite = catalog.satellite(reference.reference, reference.range);
  if (satellite === 'unknown') {
    const hint = hintOf(reference.reference, catalog.names());
    report.error('unknown-satellite', place, `There is no satellite '${reference.reference}'.${didYouMean(hint.hint)}`, {
      found: uses,
      ...hint,
    });
    return null;
  }
  if ('manifest' in satellite) return satellite;
  const known = satellite.versions.length === 0 ? 'It has none.' : `It has: ${satellite.versions.join(', ')}.`;
  report.error(
    'unknown-satellite-version',
    place,
    `'${reference.reference}' has no version that fits '${reference.range ?? 'latest'}'. ${known}`,
    { found: uses },
  );
  return null;
}

function stepsOf(plan: Plan): readonly PlanStep[] {
  return [...plan.steps, ...(plan.failure?.steps ?? []), ...plan.logs];
}

function mapSteps(plan: Plan, change: (step: PlanStep) => PlanStep): Plan {
  const failure = plan.failure === null ? null : { ...plan.failure, steps: plan.failure.steps.map(change) };
  return { ...plan, steps: plan.steps.map(change), failure, logs: plan.logs.map(change) };
}

function differences(before: Plan, after: Plan): readonly AppliedSubstitution[] {
  const now = stepsOf(after);
  return stepsOf(before).flatMap(({ identifier, satellite }, index) => {
    const substituted = now[index]?.satellite;
    return substituted === undefined || substituted === satellite
      ? []
      : [{ step: identifier, original: satellite, substitute: substituted }];
  });
}
