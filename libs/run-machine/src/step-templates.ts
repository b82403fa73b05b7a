import type { Condition as CompiledCondition } from '@exosphere/expression';
import { compileCondition } from '@exosphere/expression';
import type { PlanStep } from '@exosphere/model';
import { languageOptions } from './language.ts';
import type { CompiledTree } from './template-tree.ts';
import { compileTree } from './template-tree.ts';
import { stepsUsedInParts } from './whole-use.ts';

/** The templates of a step, compiled. */
export interface StepTemplates {
  readonly config: CompiledTree;
  readonly input: CompiledTree | null;
  readonly secrets: readonly { readonly key: string; readonly value: CompiledTree }[];
  readonly condition: CompiledCondition | null;
  /** The key of `rate-limit`. */
  readonly rateKey: CompiledTree | null;
  /** Lower-case names of the steps whose `output` is used otherwise than as the whole of one scalar. */
  readonly usedInParts: ReadonlySet<string>;
}

/** Compiles the templates of a step. The plan has been checked: what does not compile is a fault of ours. */
export function compileStep(step: PlanStep): StepTemplates {
  const config = compileTree(step.config);
  const input = step.input === null ? null : compileTree(step.input);
  const condition = step.if === null ? null : compileCondition(step.if.source, languageOptions);
  const rateKey = rateKeyOf(step);
  const trees = [config, input, rateKey].filter((tree) => tree !== null);
  const conditions = condition?.placeholders.map((placeholder) => placeholder.expression.references) ?? [];
  return {
    config,
    input,
    secrets: Object.entries(step.secrets).map(([key, value]) => ({ key, value: compileTree(value) })),
    condition,
    rateKey,
    usedInParts: stepsUsedInParts(trees, conditions),
  };
}

function rateKeyOf(step: PlanStep): CompiledTree | null {
  const key = step.rateLimit?.key ?? null;
  return key === null ? null : compileTree({ kind: 'text', source: key, asText: true });
}
