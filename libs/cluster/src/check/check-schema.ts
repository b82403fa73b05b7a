import type { JsonObject } from '@exosphere/model';
import type { SchemaError } from '@exosphere/satellite-protocol';
import { schemaErrors } from '@exosphere/satellite-protocol';
import type { Shaped, Specimen } from './shaping.ts';
import { didYouMean, hintOf } from '../read/closest-name.ts';
import { join } from '../read/collection-shapes.ts';
import type { Place, Report } from '../read/report.ts';

/** A value that is checked against a schema before a run. */
export interface SchemaCheck {
  readonly schema: JsonObject;
  readonly shaped: Shaped;
  readonly specimen: Specimen;
  /** What is checked, at the beginning of a sentence: `The config of step 'a'`. */
  readonly what: string;
  /** Where the value stands. */
  readonly place: Place;
}

/**
 * Reports what a schema refuses whatever the run gives: an error counts only where no placeholder could make it go away. A placeholder
 * counts as any value, but one of a known type must be of a type that is allowed.
 */
export function checkAgainstSchema(check: SchemaCheck, report: Report): void {
  const errors = schemaErrors(check.schema, check.shaped.example);
  const solid = withoutBranches(errors, check.specimen);
  for (const error of solid) refuse(withBranches(error, errors), check, report);
}

/** Rules that judge several places at once: one that is open may make them hold. */
const aggregates = new Set(['anyOf', 'oneOf', 'not', 'if', 'contains', 'uniqueItems', 'const', 'enum', 'dependentSchemas']);
/** Rules about how much there is. */
const amounts = new Set(['required', 'minProperties', 'maxProperties', 'minItems', 'maxItems', 'dependentRequired']);

/** Errors that stand whatever the run gives, without those that only explain another one. */
function withoutBranches(errors: readonly SchemaError[], specimen: Specimen): readonly SchemaError[] {
  const groups = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'if');
  const isBranchOf = (error: SchemaError, group: SchemaError): boolean =>
    error !== group && (group.keyword === 'if' ? inThenOrElse(error, group) : error.rule.startsWith(`${group.rule}/`));
  const stands = (error: SchemaError): boolean => {
    if (error.keyword === 'anyOf' || error.keyword === 'oneOf') return everyBranchStands(error);
    if (error.keyword === 'if') return false; // its `then` or `else` says what is wrong
    return !isOpen(error, specimen);
  };
  const everyBranchStands = (group: SchemaError): boolean => {
    if (!holesBelow(group.at, specimen)) return true;
    const branches = new Map<string, boolean>();
    for (const error of errors) {
      if (!isBranchOf(error, group)) continue;
      const branch = error.rule.slice(group.rule.length + 1).split('/')[0] ?? '';
      branches.set(branch, (branches.get(branch) ?? false) || stands(error));
    }
    return branches.size > 0 && [...branches.values()].every(Boolean);
  };
  return errors.filter((error) => {
    const around = groups.filter((group) => isBranchOf(error, group));
    if (around.some((group) => group.keyword !== 'if' || holesBelow(group.at, specimen))) return false;
    return stands(error);
  });
}

/** An error of `anyOf` or `oneOf` with what each branch says. */
function withBranches(error: SchemaError, errors: readonly SchemaError[]): SchemaError {
  if (error.keyword !== 'anyOf' && error.keyword !== 'oneOf') return error;
  const branches = errors.filter((other) => other !== error && other.rule.startsWith(`${error.rule}/`)).map(({ message }) => message);
  return branches.length === 0 ? error : { ...error, message: `None of these holds: ${[...new Set(branches)].join(' Or: ')}` };
}

function inThenOrElse(error: SchemaError, group: SchemaError): boolean {
  const parent = group.rule.slice(0, group.rule.lastIndexOf('/'));
  return error.rule.startsWith(`${parent}/then/`) || error.rule.startsWith(`${parent}/else/`);
}

/** Whether what a run gives may make an error go away. */
function isOpen({ at, keyword }: SchemaError, { holes, open }: Specimen): boolean {
  const hole = nearestHole(at, holes);
  if (hole !== undefined) return !(keyword === 'type' && hole.pointer === at && hole.type !== 'any' && hole.type !== 'null');
  if (amounts.has(keyword)) return open.has(at);
  return aggregates.has(keyword) && holesBelow(at, { holes, open });
}

function nearestHole(at: string, holes: Specimen['holes']): { readonly pointer: string; readonly type: string } | undefined {
  for (let pointer = at; ; pointer = pointer.slice(0, pointer.lastIndexOf('/'))) {
    const type = holes.get(pointer);
    if (type !== undefined) return { pointer, type };
    if (pointer === '') return undefined;
  }
}

function holesBelow(at: string, { holes, open }: Pick<Specimen, 'holes' | 'open'>): boolean {
  const below = (pointer: string): boolean => pointer === at || pointer.startsWith(`${at}/`);
  return [...holes.keys(), ...open].some(below);
}

function refuse(error: SchemaError, { what, place, specimen }: SchemaCheck, report: Report): void {
  const container = placeOf(error.at, specimen) ?? place;
  const { key } = error;
  const spot =
    key === null ? container : { start: (specimen.places.get(pointerOf(error.at, key)) ?? container).start, at: join(container.at, key) };
  const hint = key === null || error.keyword === 'required' ? {} : hintOf(key, error.known);
  const type = specimen.holes.get(error.at);
  const sentence = type === undefined ? error.message : error.message.replace(/^Found [^,]*,/, `Found a placeholder that gives a ${type},`);
  report.error('schema-mismatch', spot, `${what} does not fit: ${sentence}${didYouMean(hint.hint)}`, {
    ...(key === null ? {} : { found: key }),
    ...hint,
  });
}

function pointerOf(at: string, key: string): string {
  return `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function placeOf(at: string, { places }: Specimen): Place | undefined {
  for (let pointer = at; ; pointer = pointer.slice(0, pointer.lastIndexOf('/'))) {
    const place = places.get(pointer);
    if (place !== undefined || pointer === '') return place;
  }
}
