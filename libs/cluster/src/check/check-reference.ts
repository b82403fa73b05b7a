import { didYouMean, hintOf } from '../read/closest-name.ts';
import { checkSecret } from './check-secret.ts';
import { checkStepReference } from './check-step-reference.ts';
import type { ReferenceUse } from './reference-use.ts';
import { isKey, unknownAttribute } from './reference-use.ts';
import type { Viewer } from './viewer.ts';

const clusterAttributes = [
  'identifier',
  'project',
  'name',
  'title',
  'description',
  'sla',
  'revision',
  'run-id',
  'run-number',
  'deadline',
  'trigger',
];
const executionAttributes = ['identifier', 'attempt', 'index', 'lineage', 'path', 'idempotency-key'];
const failureAttributes = {
  none: [],
  item: ['satellite', 'error', 'attempts', 'item'],
  run: ['satellite', 'error', 'attempts', 'item', 'items', 'count'],
};

/** Checks that what a reference names exists and may be read here. */
export function checkReference(use: ReferenceUse, viewer: Viewer): void {
  const { context, path } = use.reference;
  switch (context) {
    case 'satellites':
      return checkStepReference(use, viewer);
    case 'secrets':
      return checkSecret(use, viewer);
    case 'inputs':
      return checkDeclared(use, viewer, { code: 'undeclared-input', known: viewer.declared.inputs, what: 'input' });
    case 'vars':
      return checkDeclared(use, viewer, { code: 'undeclared-var', known: viewer.declared.vars, what: 'variable' });
    case 'cluster':
      return checkAttribute(use, viewer, clusterAttributes);
    case 'failure':
      return checkAttribute(use, viewer, failureAttributes[viewer.failure]);
    case 'execution':
      checkAttribute(use, viewer, executionAttributes);
      return isKey(path[0], 'lineage') ? checkLineage(use, viewer) : undefined;
    default:
      return undefined;
  }
}

function checkAttribute({ reference, place }: ReferenceUse, { file }: Viewer, known: readonly string[]): void {
  const [first] = reference.path;
  if (first?.kind !== 'key' || known.includes(first.name.toLowerCase())) return;
  unknownAttribute({ of: reference.context, name: first.name, known }, place, file.report);
}

interface Declarations {
  readonly code: 'undeclared-input' | 'undeclared-var';
  readonly known: readonly string[];
  readonly what: string;
}

function checkDeclared({ reference, place }: ReferenceUse, { file }: Viewer, { code, known, what }: Declarations): void {
  const [first] = reference.path;
  if (first?.kind !== 'key' || known.some((name) => name.toLowerCase() === first.name.toLowerCase())) return;
  const hint = hintOf(first.name, known);
  const message = `The cluster declares no ${what} '${first.name}', so it reads as null.${didYouMean(hint.hint, known)}`;
  file.report.warning(code, place, message, { found: first.name, ...hint });
}

/** `execution.lineage.STEP` is the index at a step of the lineage. */
function checkLineage({ reference, place }: ReferenceUse, { declared, file, name, namesOnly, see }: Viewer): void {
  const step = reference.path[1];
  if (step?.kind !== 'key') return;
  const found = declared.findStep(step.name);
  if (found === undefined) {
    const hint = hintOf(step.name, declared.steps);
    file.report.error('unknown-step', place, `There is no step '${step.name}'.${didYouMean(hint.hint)}`, { found: step.name, ...hint });
  } else if (!namesOnly && see(found).kind !== 'lineage') {
    file.report.error('not-an-ancestor', place, `${name} has no object of '${found}' on its lineage, so there is no index.`, { found });
  }
}
