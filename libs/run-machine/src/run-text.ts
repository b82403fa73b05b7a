import { compileTemplate, evaluateTemplate, toText } from '@exosphere/expression';
import type { RunContexts } from './contexts.ts';
import { languageOptions } from './language.ts';

/** Evaluates a template that reads nothing but the run itself: `run-name`, the group of `concurrency`. */
export function evaluateText(source: string, run: RunContexts): string {
  const scope = { contexts: { ...run } };
  return toText(evaluateTemplate(compileTemplate(source, languageOptions), { whole: scope, one: scope }));
}
