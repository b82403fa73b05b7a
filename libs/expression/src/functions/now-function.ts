import { evaluationError } from '../expression-error.ts';
import { eager } from './function-definition.ts';
import type { FunctionDefinition } from './function-definition.ts';

/** The time the execution was made: the scope says it, so that every attempt gets the same. */
export const nowFunction: FunctionDefinition = {
  name: 'now',
  min: 0,
  max: 0,
  type: 'string',
  bind: eager((_args, frame) => {
    if (frame.scope.now === undefined) throw evaluationError('not-available', 'now() is not available here');
    return frame.scope.now;
  }),
};
