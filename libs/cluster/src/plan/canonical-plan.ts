import type { Json, Plan, PlanStep, TemplateNode } from '@exosphere/model';
import { canonicalJson } from '@exosphere/satellite-protocol';

/**
 * The stable text of a plan: its digest names the revision. The same content in another order of keys, with other comments, formatting
 * or aliases gives the same text.
 */
export function canonicalPlan(plan: Plan): string {
  const sorted: Plan = {
    ...plan,
    steps: plan.steps.map(canonicalStep),
    logs: plan.logs.map(canonicalStep),
    failure: plan.failure === null ? null : { ...plan.failure, steps: plan.failure.steps.map(canonicalStep) },
    outputs: canonicalRecord(plan.outputs),
  };
  return canonicalJson(sorted as unknown as Json); // a plan is plain data; interfaces have no index signature
}

function canonicalStep(step: PlanStep): PlanStep {
  return {
    ...step,
    config: canonicalNode(step.config),
    input: step.input === null ? null : canonicalNode(step.input),
    secrets: canonicalRecord(step.secrets),
  };
}

function canonicalRecord(record: Readonly<Record<string, TemplateNode>>): Readonly<Record<string, TemplateNode>> {
  return Object.fromEntries(Object.entries(record).map(([key, node]) => [key, canonicalNode(node)]));
}

/** The order of the keys of a mapping says nothing; that of a list, and of mappings that are merged, does. */
function canonicalNode(node: TemplateNode): TemplateNode {
  switch (node.kind) {
    case 'literal':
    case 'text':
      return node;
    case 'list':
      return { ...node, items: node.items.map(canonicalNode) };
    case 'merge':
      return { ...node, parts: node.parts.map(canonicalNode) };
    case 'map': {
      const entries = node.entries.map((entry) => ({ ...entry, value: canonicalNode(entry.value) }));
      return { ...node, entries: entries.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key))) };
    }
  }
}
