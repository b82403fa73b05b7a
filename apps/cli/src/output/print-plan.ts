import type { PlanDescription, StepDescription } from '@exosphere/cluster';
import type { Plan, PlanStep, Trigger } from '@exosphere/model';
import { unreachable } from '@exosphere/model';
import type { LoadedEnvironment } from '../compose/load-cluster.ts';
import type { SecretOrigin } from '../compose/secret-origins.ts';
import type { TemplateReads } from '../plan/templates-of.ts';
import type { Output } from './output.ts';

/** What `exo plan` shows. */
export interface ShownPlan {
  readonly plan: Plan;
  readonly digest: string;
  readonly environment: LoadedEnvironment | null;
  readonly description: PlanDescription;
  readonly templates: readonly TemplateReads[];
  readonly origins: ReadonlyMap<string, SecretOrigin>;
}

/** Prints a plan for people. */
export function printPlan(shown: ShownPlan, out: Output): void {
  const { plan, digest, environment, description } = shown;
  out.line(`${out.paint('bold', plan.identifier)}${plan.title === null ? '' : `  ${plan.title}`}`);
  out.line(`  revision     ${digest}`);
  out.line(`  sla          ${plan.sla}, then ${plan.onSlaMiss}`);
  out.line(`  trigger      ${plan.triggers.map(triggerText).join(', ')}`);
  if (environment !== null) out.line(`  environment  ${out.paint('yellow', environment.shown)}`);
  const inputs = Object.entries(plan.inputs).map(([name, { type, required }]) => `${name}: ${type}${required ? '' : '?'}`);
  if (inputs.length > 0) out.line(`  inputs       ${inputs.join(', ')}`);
  const sections = { satellites: 'steps', failure: failureHead(plan), logs: 'log records go to' } as const;
  for (const [section, head] of Object.entries(sections)) {
    const steps = description.steps.filter((step) => step.section === section);
    if (steps.length === 0) continue;
    out.line();
    out.line(out.paint('bold', head));
    for (const step of steps) printStep(step, shown, out);
  }
  printSecrets(shown, out);
}

function failureHead({ failure }: Plan): string {
  if (failure === null) return 'on failure';
  const tolerate =
    failure.tolerate === null
      ? ''
      : `, tolerates ${failure.tolerate.kind === 'count' ? failure.tolerate.count : `${failure.tolerate.percent}%`}`;
  return `on failure, per ${failure.per}${failure.from === null ? '' : `, from ${failure.from}`}${tolerate}`;
}

function printStep(step: StepDescription, { plan, environment, templates }: ShownPlan, out: Output): void {
  const { satellite } = step;
  const planned = [...plan.steps, ...(plan.failure?.steps ?? []), ...plan.logs].find(({ identifier }) => identifier === step.identifier);
  const substitution = environment?.substitutions.find((one) => one.step === step.identifier);
  const digest = satellite.digest.replace(/^sha256:(.{12}).*$/, '$1');
  out.line(`  ${out.paint('cyan', step.identifier)}  ${satellite.reference}@${satellite.version} ${out.paint('dim', digest)}`);
  if (substitution !== undefined)
    out.line(`      ${out.paint('yellow', 'stands for')} ${substitution.original.reference}@${substitution.original.version}`);
  if (step.section === 'satellites') out.line(`      runs       ${howOften(step)}, returns ${satellite.cardinality}`);
  if (planned !== undefined) for (const line of flowOf(planned)) out.line(`      ${line}`);
  for (const { at, reads } of templates.filter((one) => one.step === step.identifier)) {
    out.line(out.paint('dim', `      ${at}  ←  ${reads.join(', ')}`));
  }
}

function howOften({ perObjectOf }: StepDescription): string {
  return perObjectOf.length === 0 ? 'once' : `once per object of ${perObjectOf.join(', then ')}`;
}

function flowOf(step: PlanStep): readonly string[] {
  const lines: string[] = [];
  if (step.needs.length > 0) lines.push(`after      ${step.needs.join(', ')}`);
  if (step.collect !== null)
    lines.push(
      `collects   ${step.collect.per.kind === 'run' ? 'the run' : `per ${step.collect.per.step}`}, ${bearsText(step.collect.bears)}`,
    );
  const { max } = step.retries;
  lines.push(`retries    ${max}${max === 0 ? '' : ` (${step.retries.backoff})`}, time limit ${durationText(step.timeoutMs)}`);
  const limits = [
    ...(step.maxParallel === null ? [] : [`at most ${step.maxParallel} at once`]),
    ...(step.rateLimit === null ? [] : [`at most ${step.rateLimit.limit} per ${durationText(step.rateLimit.perMs)}`]),
    ...(step.batch === null ? [] : [`in batches of ${step.batch.max}`]),
    ...(step.continueOnError ? ['continues on error'] : []),
  ];
  if (limits.length > 0) lines.push(`limits     ${limits.join(', ')}`);
  return lines;
}

function bearsText(bears: NonNullable<PlanStep['collect']>['bears']): string {
  switch (bears.kind) {
    case 'all-succeeded':
      return 'if all succeeded';
    case 'all-finished':
      return 'when all have finished';
    case 'min-percent':
      return `if at least ${bears.percent}% succeeded`;
    case 'min-count':
      return `if at least ${bears.count} succeeded`;
    default:
      return unreachable(bears);
  }
}

/** `90s`, `15m`, `6h` */
export function durationText(ms: number): string {
  for (const [unit, size] of [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

function triggerText(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'cron':
      return `cron ${trigger.expression} (${trigger.timezone})`;
    case 'webhook':
      return `webhook ${trigger.id} (${trigger.scheme})`;
    case 'cluster':
      return `cluster ${trigger.identifier} (${trigger.status.join(', ')})`;
    case 'api-call':
    case 'git-push':
      return trigger.kind;
    default:
      return unreachable(trigger);
  }
}

function printSecrets({ description, origins }: ShownPlan, out: Output): void {
  if (description.secrets.length === 0) return;
  out.line();
  out.line(out.paint('bold', 'secrets'));
  for (const { name, steps } of description.secrets) {
    const origin = origins.get(name);
    const from =
      origin === undefined || origin.kind === 'missing'
        ? out.paint('yellow', `missing: ${origin?.why ?? 'not set'}`)
        : `from the ${origin.kind}`;
    out.line(`  ${name}  ${from}  ${out.paint('dim', steps.length === 0 ? 'no step reads it' : `for ${steps.join(', ')}`)}`);
  }
}
