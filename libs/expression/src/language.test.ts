import { describe, expect, it } from 'vitest';
import access from '../testdata/access.json' with { type: 'json' };
import addedFunctions from '../testdata/added-functions.json' with { type: 'json' };
import errors from '../testdata/errors.json' with { type: 'json' };
import githubFunctions from '../testdata/github-functions.json' with { type: 'json' };
import literals from '../testdata/literals.json' with { type: 'json' };
import operators from '../testdata/operators.json' with { type: 'json' };
import status from '../testdata/status.json' with { type: 'json' };
import { ExpressionError } from './expression-error.ts';
import { compileExpression, evaluate } from './expression.ts';
import { languageScope } from './testing/language-scope.ts';
import { kindOf } from './value.ts';
import type { Value } from './value.ts';

interface Group {
  readonly about: string;
  readonly rows: readonly (readonly unknown[])[];
}

/** JSON has no NaN, no Infinity and no -0: the data writes them as `{"number": "NaN"}`. */
function expected(written: unknown): unknown {
  if (Array.isArray(written)) return written.map(expected);
  if (typeof written !== 'object' || written === null) return written;
  if ('number' in written) return Number(written.number);
  return Object.fromEntries(Object.entries(written).map(([key, value]) => [key, expected(value)]));
}

/** Objects as plain ones, so that content is compared and nothing else. */
function comparable(value: Value): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
  const plain: Record<string, unknown> = {};
  for (const [key, item] of entries) Object.defineProperty(plain, key, { value: comparable(item), enumerable: true });
  return plain;
}

const files: Readonly<Record<string, readonly Group[]>> = {
  literals,
  operators,
  access,
  'GitHub functions': githubFunctions,
  'added functions': addedFunctions,
  status,
};

describe.each(Object.entries(files))('the language: %s', (_file, groups) => {
  describe.each(groups)('$about', ({ rows }) => {
    it.each(rows.map(([source, result]) => [String(source), result] as const))('%s', (source, result) => {
      const expression = compileExpression(source);
      const value = evaluate(expression, languageScope);
      expect(comparable(value)).toStrictEqual(expected(result));
      if (expression.type !== 'any') expect(kindOf(value)).toBe(expression.type);
    });
  });
});

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'unexpected-symbol': 'Unexpected symbol',
  'unexpected-end': 'Unexpected end of expression',
  'unknown-name': 'Unrecognized named-value',
  'unknown-function': 'Unrecognized function',
  'refused-function': 'Function not available',
  'too-few-arguments': 'Too few parameters supplied',
  'too-many-arguments': 'Too many parameters supplied',
  'even-arguments': 'Even number of parameters supplied, requires an odd number of parameters',
  'step-name-expected': 'Expected the name of a step as a text',
};

function failureOf(source: string): ExpressionError {
  try {
    evaluate(compileExpression(source), languageScope);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new TypeError(`${source} was expected to fail`);
}

describe('the language: errors', () => {
  describe.each(errors)('$about', ({ rows }) => {
    it.each(rows.map((row) => [String(row[0]), row] as const))('%s', (source, [, phase, code, token, position, written]) => {
      const error = failureOf(source);
      const message =
        written ?? `${DESCRIPTIONS[String(code)] ?? ''}: '${String(token)}'. Located at position ${position} within expression: ${source}`;
      expect({ phase: error.phase, code: error.code, token: error.token, position: error.position, message: error.message }).toEqual({
        phase,
        code,
        token,
        position,
        message,
      });
      expect(error.offset).toBe(Number(position) - 1);
      expect(source.slice(error.offset).toLowerCase().startsWith(String(token).toLowerCase())).toBe(true);
    });
  });
});
