import { toComparableText } from '../convert.ts';
import { readJson } from '../read-json.ts';
import { writeGithubJson } from '../write-json.ts';
import { argument, eager } from './function-definition.ts';
import type { FunctionDefinition } from './function-definition.ts';

export const jsonFunctions: readonly FunctionDefinition[] = [
  { name: 'toJSON', min: 1, max: 1, type: 'string', bind: eager((args, frame) => writeGithubJson(argument(args, 0), frame)) },
  { name: 'fromJSON', min: 1, max: 1, type: 'any', bind: eager((args, frame) => readJson(toComparableText(argument(args, 0)), frame)) },
];
