import type { PathSegment } from '@exosphere/expression';
import type { StepId } from '@exosphere/model';
import { didYouMean, hintOf, listed } from '../read/closest-name.ts';
import type { ReferenceUse } from './reference-use.ts';
import { isKey, unknownAttribute } from './reference-use.ts';
import type { Sight } from './sight.ts';
import type { StepAttribute } from './uses.ts';
import { stepAttributes } from './uses.ts';
import type { Viewer } from './viewer.ts';

/** Checks `satellites.STEP.attribute…` and notes what is read. */
export function checkStepReference(use: ReferenceUse, viewer: Viewer): void {
  const step = stepOf(use, viewer);
  const attribute = attributeOf(use, viewer);
  if (step === null || attribute === null || viewer.namesOnly) return;
  const sight = viewer.see(step);
  if (sight.kind === 'none') return refuseStranger(use, viewer, step);
  const isList = seesList(sight, use.form);
  const read = readingOf(use, attribute, { isList });
  if (use.form === 'one' && hasNoSingle(sight, read)) return refuseMany(use, viewer, { step, sight });
  warnOfLists(use, viewer, { step, sight, read });
  viewer.uses.read(step, sight.kind === 'list' ? 'list' : use.form, read.attributes);
}

/** Whether the output that a placeholder of this form sees is a list. */
function seesList(sight: Sight, form: ReferenceUse['form']): boolean {
  if (sight.kind === 'lineage') return sight.fansOut && form === 'whole';
  return sight.kind === 'list' || (sight.kind === 'once' && sight.cardinality === 'many');
}

/** Which attributes a reference reads, and what it accesses on them. */
interface Reading {
  readonly attributes: readonly StepAttribute[];
  /** It reads the objects that the step handed on, not its error (rule 27) or status. */
  readonly objects: boolean;
  /** What is read is a list. */
  readonly isList: boolean;
  readonly below: readonly PathSegment[];
}

function readingOf(
  { reference: { path } }: ReferenceUse,
  attribute: StepAttribute | 'all',
  { isList }: { readonly isList: boolean },
): Reading {
  if (attribute === 'all') return { attributes: stepAttributes, objects: false, isList: false, below: [] };
  if (attribute !== 'output') return { attributes: [attribute], objects: false, isList, below: path.slice(2) };
  if (!isKey(path[2], 'error')) return { attributes: ['output'], objects: true, isList, below: path.slice(2) };
  // A list has no field that could stand in for an error, so the list itself need not be loaded.
  return { attributes: isList ? ['error'] : ['error', 'output'], objects: false, isList, below: path.slice(3) };
}

function stepOf({ reference, place }: ReferenceUse, { declared, file, see, namesOnly }: Viewer): StepId | null {
  const [first] = reference.path;
  if (first?.kind !== 'key') {
    const message = 'Which steps an expression reads must be seen from the file. Write the name of the step: satellites.NAME.output.';
    file.report.error('dynamic-step', place, message, { found: 'satellites' });
    return null;
  }
  const step = declared.findStep(first.name);
  if (step !== undefined) return step;
  const inReach = namesOnly ? declared.steps : declared.steps.filter((name) => see(name).kind !== 'none');
  const near = hintOf(first.name, inReach);
  const hint = near.hint === undefined ? hintOf(first.name, declared.steps) : near;
  file.report.error('unknown-step', place, `There is no step '${first.name}'.${didYouMean(hint.hint)}`, { found: first.name, ...hint });
  return null;
}

function refuseStranger({ place }: ReferenceUse, { file, name, declared, see }: Viewer, step: StepId): void {
  const inReach = declared.steps.filter((other) => see(other).kind !== 'none');
  const readable = inReach.length === 0 ? 'It can read no step.' : `It can read: ${listed(inReach)}.`;
  file.report.error('not-an-ancestor', place, `${name} cannot read '${step}', which does not come before it. ${readable}`, { found: step });
}

function hasNoSingle(sight: Sight, { objects }: Reading): boolean {
  return sight.kind === 'list' || (sight.kind === 'once' && sight.cardinality === 'many' && objects);
}

function refuseMany({ place }: ReferenceUse, { file, name }: Viewer, { step, sight }: { step: StepId; sight: Sight }): void {
  const why = sight.kind === 'once' ? `'${step}' returns many objects` : `'${step}' is a list there`;
  const message = `${name} has no single object of '${step}': ${why}. Read the list with \${{ satellites.${step}.output }}.`;
  file.report.error('not-one-object', place, message, { found: step });
}

function warnOfLists(
  { form, place, reference }: ReferenceUse,
  { file }: Viewer,
  { step, sight, read }: { readonly step: StepId; readonly sight: Sight; readonly read: Reading },
): void {
  if (sight.kind === 'lineage' && sight.fansOut && form === 'whole' && read.objects && reference.bare) {
    const message = `This is the whole list that '${step}' returned, not the object that this item came from. Did you mean $\${{?`;
    return file.report.warning('whole-list', place, message, { found: step, hint: '$${{' });
  }
  // The error of one execution is no list, however many objects the execution handed on.
  const isList = read.objects ? read.isList : sight.kind === 'list';
  const [field] = read.below;
  if (!isList || field?.kind !== 'key') return;
  const single = sight.kind === 'lineage' && form === 'whole' ? ' For the object that this item came from, use $${{.' : '';
  const message = `'${step}' is a list here, and a list has no field '${field.name}', so this is null. Did you mean .*.${field.name}?${single}`;
  file.report.warning('field-of-list', place, message, { found: field.name, hint: `.*.${field.name}` });
}

/** The attribute that is named behind the step; null where it is reported as unknown, `all` where any may be read. */
function attributeOf({ reference, place }: ReferenceUse, { file }: Viewer): StepAttribute | 'all' | null {
  const [step, attribute] = reference.path;
  if (attribute?.kind !== 'key') return 'all';
  const name = stepAttributes.find((known) => known === attribute.name.toLowerCase());
  if (name !== undefined) return name;
  const of = `satellites.${step?.kind === 'key' ? step.name : '*'}`;
  unknownAttribute({ of, name: attribute.name, known: stepAttributes }, place, file.report);
  return null;
}
