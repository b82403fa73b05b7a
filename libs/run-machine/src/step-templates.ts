import type { Condition as CompiledCondition } from '@exosphere/expression';
import { compileCondition } from '@exosphere/expression';
import type { PlanStep } from '@exosphere/model';
import { languageOptions } from './language.ts';
import type { CompiledTree } from './template-tree.ts';
import { compileTree } from './template-tree.ts';

/** The templates of a step, compiled. */
export interface StepTemplates {
  readonly config: CompiledTree;
  readonly input: CompiledTree | null;
  readonly secrets: readonly { readonly key: string; readonly value: CompiledTree }[];
  readonly condition: CompiledCondition | null;
  /** The key of `rate-limit`. */
  readonly rateKey: CompiledTree | null;
}

export function compileStep(step: PlanStep): StepTemplates {
  return {
    config: compileTree(step.config),
    input: step.input === null ? null : compileTree(step.input),
    secrets: Object.entries(step.secrets).map(([key, value]) => ({ key, value: compileTree(value) })),
    condition: step.if === null ? null : compileCondition(step.if.source, languageOptions),
    rateKey: rateKeyOf(step),
  };
}

function rateKeyOf(step: PlanStep): CompiledTree | null {
  const key = step.rateLimit?.key ?? null;
  return key === null ? null : compileTree({ kind: 'text', source: key, asText: true });
}
