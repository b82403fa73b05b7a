import { compileTemplate } from '@exosphere/expression';
import type { Reference } from '@exosphere/expression';
import type { Plan, PlanStep, StepId, TemplateNode } from '@exosphere/model';

/** One text with placeholders, and what it reads. */
export interface TemplateReads {
  readonly step: StepId;
  /** Where it stands in the step: `config/body/data`, `if`. */
  readonly at: string;
  /** `satellites.list.output.name`, each once, with `$` before what is read of the item's own lineage alone. */
  readonly reads: readonly string[];
}

/** What each template of a plan reads. */
export function templatesOf(plan: Plan): readonly TemplateReads[] {
  const steps = [...plan.steps, ...(plan.failure?.steps ?? []), ...plan.logs];
  return steps.flatMap((step) => textsOf(step).map(({ at, source }) => ({ step: step.identifier, at, reads: readsOf(source) })));
}

interface Text {
  readonly at: string;
  readonly source: string;
}

function textsOf(step: PlanStep): readonly Text[] {
  const secrets = Object.entries(step.secrets).flatMap(([key, node]) => textsIn(node, `secrets/${key}`));
  const condition =
    step.if === null ? [] : [{ at: 'if', source: step.if.source.includes('{{') ? step.if.source : `\${{ ${step.if.source} }}` }];
  return [...condition, ...textsIn(step.config, 'config'), ...(step.input === null ? [] : textsIn(step.input, 'input')), ...secrets];
}

function textsIn(node: TemplateNode, at: string): readonly Text[] {
  switch (node.kind) {
    case 'literal':
      return [];
    case 'text':
      return [{ at, source: node.source }];
    case 'list':
      return node.items.flatMap((item, index) => textsIn(item, `${at}/${index}`));
    case 'map':
      return node.entries.flatMap(({ key, value }) => textsIn(value, `${at}/${key}`));
    case 'merge':
      return node.parts.flatMap((part) => textsIn(part, at));
  }
}

function readsOf(source: string): readonly string[] {
  const reads = compileTemplate(source).placeholders.flatMap(({ form, expression }) =>
    expression.references.map((reference) => `${form === 'one' && reference.context === 'satellites' ? '$' : ''}${textOf(reference)}`),
  );
  return [...new Set(reads)];
}

function textOf({ context, path }: Reference): string {
  const parts = path.map((segment) => {
    switch (segment.kind) {
      case 'key':
        return `.${segment.name}`;
      case 'index':
        return `[${segment.value}]`;
      case 'all':
        return '.*';
      case 'dynamic':
        return '[…]';
    }
  });
  return `${context}${parts.join('')}`;
}
