import { MOST_ARGUMENTS } from '../function-signature.ts';
import type { FunctionSignature } from '../function-signature.ts';
import { choiceFunctions } from './choice-functions.ts';
import { dateFormatFunction } from './date-format-function.ts';
import { encodingFunctions } from './encoding-functions.ts';
import { formatFunction } from './format-function.ts';
import { eager } from './function-definition.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { handedIn, jsonpathFunction } from './handed-in.ts';
import { joinFunction } from './join-function.ts';
import { jsonFunctions } from './json-functions.ts';
import { listFunctions } from './list-functions.ts';
import { nowFunction } from './now-function.ts';
import { numberFunctions } from './number-functions.ts';
import { searchFunctions } from './search-functions.ts';
import { statusFunctions } from './status-functions.ts';
import { textFunctions } from './text-functions.ts';

const hashFiles: FunctionDefinition = {
  name: 'hashFiles',
  min: 1,
  max: MOST_ARGUMENTS,
  type: 'string',
  refused: 'A cluster has no workspace whose files could be hashed. To hash a value, use hash(value).',
  bind: eager(() => null),
};

const builtIn: readonly FunctionDefinition[] = [
  ...searchFunctions,
  formatFunction,
  joinFunction,
  ...jsonFunctions,
  ...choiceFunctions,
  ...statusFunctions,
  hashFiles,
  ...listFunctions,
  ...numberFunctions,
  ...textFunctions,
  ...encodingFunctions,
  nowFunction,
  dateFormatFunction,
  jsonpathFunction,
];

export type FunctionCatalog = ReadonlyMap<string, FunctionDefinition>;

const byLowerName = (functions: readonly FunctionDefinition[]): [string, FunctionDefinition][] =>
  functions.map((each) => [each.name.toLowerCase(), each]);

const builtInCatalog: FunctionCatalog = new Map(byLowerName(builtIn));

/** The functions of the language and those that the caller hands in, by their lower-case names. */
export function catalogWith(extra: readonly FunctionSignature[]): FunctionCatalog {
  return extra.length === 0 ? builtInCatalog : new Map([...builtInCatalog, ...byLowerName(extra.map(handedIn))]);
}

/** The names of the functions that can be called, as they are written, in the order of the documentation. */
export const functionNames: readonly string[] = builtIn.filter((each) => each.refused === undefined).map((each) => each.name);
