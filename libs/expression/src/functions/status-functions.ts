import { evaluationError } from '../expression-error.ts';
import type { Frame } from '../frame.ts';
import { MOST_ARGUMENTS } from '../function-signature.ts';
import type { StatusFunctions } from '../scope.ts';
import { eager } from './function-definition.ts';
import type { FunctionDefinition } from './function-definition.ts';

function statusOf(frame: Frame, name: string): StatusFunctions {
  const { status } = frame.scope;
  if (!status) throw evaluationError('not-available', `${name}() can be asked in an 'if' alone`);
  return status;
}

function stepNames(args: readonly unknown[]): readonly string[] {
  return args.map(String);
}

/** What has become of the steps before: `success`, `failure`, `always`, `cancelled`. The scope knows. */
export const statusFunctions: readonly FunctionDefinition[] = [
  {
    name: 'success',
    min: 0,
    max: MOST_ARGUMENTS,
    type: 'boolean',
    status: true,
    bind: eager((args, frame) => statusOf(frame, 'success').success(stepNames(args))),
  },
  {
    name: 'failure',
    min: 0,
    max: MOST_ARGUMENTS,
    type: 'boolean',
    status: true,
    bind: eager((args, frame) => statusOf(frame, 'failure').failure(stepNames(args))),
  },
  {
    name: 'always',
    min: 0,
    max: 0,
    type: 'boolean',
    status: true,
    bind: eager((_args, frame) => statusOf(frame, 'always').always()),
  },
  {
    name: 'cancelled',
    min: 0,
    max: 0,
    type: 'boolean',
    status: true,
    bind: eager((_args, frame) => statusOf(frame, 'cancelled').cancelled()),
  },
];
