import type { CompiledPlaceholder, CompiledTemplate, ExpressionError } from '@exosphere/expression';
import { checkTemplate, contextNames, functionNames } from '@exosphere/expression';
import type { DiagnosticCode } from '@exosphere/model';
import { didYouMean, hintOf } from '../read/closest-name.ts';
import type { Particulars } from '../read/report.ts';
import { placeInScalar } from '../read/source-file.ts';
import { checkReference } from './check-reference.ts';
import type { ContextName, Target, Viewer } from './viewer.ts';
import { itemContexts } from './viewer.ts';

/** Checks a text scalar with all of its placeholders, and gives it compiled. */
export function checkText(target: Target, text: string, viewer: Viewer): CompiledTemplate {
  const { template, errors } = checkTemplate(text);
  for (const error of errors) reportExpressionError(error, target, viewer);
  for (const placeholder of template.placeholders) checkPlaceholder(placeholder, target, viewer);
  return template;
}

/** Reports what the compiler of expressions refused. */
export function reportExpressionError(error: ExpressionError, target: Target, { file }: Viewer): void {
  const { code, message, particulars } = describe(error);
  file.report.error(code, placeInScalar(file, target, error.textOffset ?? 0), message, particulars);
}

function describe(error: ExpressionError): { code: DiagnosticCode; message: string; particulars: Particulars } {
  const said = error.message.replace(/\.$/, '');
  const advice = error.hint === undefined ? '' : ` ${error.hint}`;
  if (error.found === undefined) return { code: 'bad-expression', message: `${said}.${advice}`, particulars: {} };
  const isName = error.code === 'unknown-name';
  const known = isName ? contextNames : functionNames;
  const hint = error.code === 'refused-function' ? {} : hintOf(error.found, known);
  const listed = isName ? contextNames : [];
  const message = `${said}.${advice}${didYouMean(hint.hint, listed)}`;
  return { code: isName ? 'unknown-name' : 'unknown-function', message, particulars: { found: error.found, ...hint } };
}

/** Checks everything that one compiled placeholder names. */
export function checkPlaceholder(placeholder: CompiledPlaceholder, target: Target, viewer: Viewer): void {
  const { expression, form, sourceStart } = placeholder;
  const placeOf = (offset: number): ReturnType<typeof placeInScalar> => placeInScalar(viewer.file, target, sourceStart + offset);
  const dimension = form === 'whole' || hasItemDimension(placeholder, target, viewer);
  for (const call of expression.statusCalls) {
    if (viewer.statusFunctions) for (const step of call.steps) checkStatusStep(step, placeOf(call.start), viewer);
    else {
      const message = `${call.name}() speaks of the steps before an execution, so it may stand only in an 'if'.`;
      viewer.file.report.error('name-not-here', placeOf(call.start), message, { found: call.name });
    }
  }
  for (const reference of expression.references) {
    const context = contextOf(reference.context);
    const place = placeOf(reference.start);
    if (!dimension && !itemContexts.includes(context)) continue;
    if (viewer.contexts.has(context)) checkReference({ reference, form, place }, viewer);
    else {
      const message = `${viewer.name} cannot read '${context}': ${whyNot(context)}.`;
      viewer.file.report.error(context === 'secrets' ? 'secret-not-allowed' : 'name-not-here', place, message, { found: context });
    }
  }
}

/** Rule 28: what `$${{ }}` gives depends on the item, and it never reads a secret. */
function hasItemDimension({ expression, start }: CompiledPlaceholder, target: Target, { file }: Viewer): boolean {
  const contexts = expression.references.map(({ context }) => contextOf(context));
  const place = placeInScalar(file, target, start);
  if (contexts.includes('secrets')) {
    file.report.error('no-item-dimension', place, 'A secret belongs to no item. Use ${{ for it, in a placeholder of its own.', {
      found: 'secrets',
    });
    return false;
  }
  if (contexts.some((context) => itemContexts.includes(context))) return true;
  const [first] = contexts;
  const message = '$${{ gives what belongs to an item, and this reads none of satellites, item, execution and failure. Use ${{.';
  file.report.error('no-item-dimension', place, message, first === undefined ? {} : { found: first });
  return false;
}

function contextOf(name: string): ContextName {
  return name as ContextName; // the compiler accepts no other names than those of contextNames
}

function checkStatusStep(
  name: string,
  place: ReturnType<typeof placeInScalar>,
  { declared, file, name: viewer, namesOnly, see, uses }: Viewer,
): void {
  const step = declared.findStep(name);
  if (step === undefined) {
    const hint = hintOf(name, declared.steps);
    return file.report.error('unknown-step', place, `There is no step '${name}'.${didYouMean(hint.hint)}`, { found: name, ...hint });
  }
  if (namesOnly) return;
  const sight = see(step);
  if (sight.kind === 'none')
    return file.report.error('not-an-ancestor', place, `${viewer} does not come after '${step}'.`, { found: step });
  uses.read(step, sight.kind === 'list' ? 'list' : 'whole', ['status']);
}

const reasons: Readonly<Record<ContextName, string>> = {
  satellites: 'there is no execution yet whose lineage it could follow',
  item: 'it belongs to no item',
  execution: 'it belongs to no execution',
  failure: 'only the steps of the failure chain have one',
  secrets: 'secrets may stand only in config, input and secrets of a step',
  inputs: 'there is no run yet',
  vars: 'it is resolved before them',
  cluster: 'there is no run yet',
  trigger: 'there is no run yet',
};

function whyNot(context: ContextName): string {
  return reasons[context];
}
