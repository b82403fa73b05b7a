import { ExpressionError } from './expression-error.ts';
import type { ExpressionErrorCode } from './expression-error.ts';
import type { Token } from './token.ts';

export const MOST_UNITS = 21_000;
export const DEEPEST = 50;

const DESCRIPTIONS = {
  'unexpected-symbol': 'Unexpected symbol',
  'unexpected-end': 'Unexpected end of expression',
  'unknown-name': 'Unrecognized named-value',
  'unknown-function': 'Unrecognized function',
  'refused-function': 'Function not available',
  'too-few-arguments': 'Too few parameters supplied',
  'too-many-arguments': 'Too many parameters supplied',
  'even-arguments': 'Even number of parameters supplied, requires an odd number of parameters',
  'step-name-expected': 'Expected the name of a step as a text',
} as const satisfies Partial<Record<ExpressionErrorCode, string>>;

/** An error about a token, in the words and the shape that GitHub uses. */
export function parseError(code: keyof typeof DESCRIPTIONS, token: Token, source: string, hint?: string): ExpressionError {
  const place = `Located at position ${token.start + 1} within expression: ${source}`;
  return new ExpressionError({
    phase: token.kind === 'bad' ? 'lexing' : 'parsing',
    code,
    message: `${DESCRIPTIONS[code]}: '${token.raw}'. ${place}`,
    token: token.raw,
    offset: token.start,
    hint: hint ?? (code === 'unexpected-symbol' ? hintFor(token) : undefined),
  });
}

export function tooLong(): ExpressionError {
  return new ExpressionError({ phase: 'parsing', code: 'too-long', message: `Exceeded max expression length ${MOST_UNITS}` });
}

export function tooDeep(): ExpressionError {
  return new ExpressionError({ phase: 'parsing', code: 'too-deep', message: `Exceeded max expression depth ${DEEPEST}` });
}

function hintFor(token: Token): string | undefined {
  const { raw } = token;
  if (raw.startsWith("'"))
    return token.kind === 'bad' ? "The text is not closed: it ends with ' (a quote inside it is written twice)." : undefined;
  if (raw.startsWith('"')) return "Texts are written in single quotes: 'text'.";
  if (raw.startsWith('`')) return "Texts are written in single quotes: 'text'. To put values into one, use format('{0}', value).";
  if (raw.startsWith('=')) return "To compare, write '=='.";
  if (raw.startsWith('&')) return "For 'and', write '&&'.";
  if (raw.startsWith('|')) return "For 'or', write '||'.";
  if (/[$][{<]/.test(raw)) return 'A placeholder cannot stand inside another one.';
  return /[-+*/%?:]/.test(raw) ? "The operators + - * / % ? : and ?? need a blank on both sides: 'a + b'." : undefined;
}
