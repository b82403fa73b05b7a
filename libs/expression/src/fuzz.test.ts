import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import access from '../testdata/access.json' with { type: 'json' };
import added from '../testdata/added-functions.json' with { type: 'json' };
import errorRows from '../testdata/errors.json' with { type: 'json' };
import hostile from '../testdata/hostile.json' with { type: 'json' };
import operators from '../testdata/operators.json' with { type: 'json' };
import templates from '../testdata/templates.json' with { type: 'json' };
import { compileTemplate, evaluateTemplate } from './compile-template.ts';
import { ExpressionError } from './expression-error.ts';
import { compileExpression, evaluate } from './expression.ts';
import { languageScope } from './testing/language-scope.ts';
import { toCompactJson } from './to-text.ts';

/** More on a longer run: EXPRESSION_FUZZ=10000000. */
const runs = Number(process.env.EXPRESSION_FUZZ ?? 100_000);
/** Microseconds of processor time. */
const SLOWEST = 1_000_000;

const sources = [...access, ...added, ...errorRows, ...operators]
  .flatMap(({ rows }) => rows.map((row) => row[0] as string))
  .concat(hostile);
const pieces = [
  ...[
    'inputs',
    'inputs.list',
    '.a',
    '.*',
    '[*]',
    '[0]',
    "['k']",
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    'a:',
    ', ',
    '.',
    "'",
    "'x'",
    "''",
    '1',
    '-1',
    '0x1',
    'null',
    'true',
    'NaN',
  ],
  ...[
    ' + ',
    ' - ',
    ' * ',
    ' / ',
    ' % ',
    ' ? ',
    ' : ',
    ' ?? ',
    ' && ',
    ' || ',
    ' == ',
    ' != ',
    ' < ',
    ' >= ',
    '!',
    ' ',
    '\n',
    '$',
    '"',
    '`',
    '\\',
    '\u0000',
    '\u00a0',
    'é',
    '😀',
    '\ud800',
  ],
  ...[
    "format('{0}{1}', ",
    'join(',
    'sort(',
    'unique(',
    'flatten(',
    'fromJSON(',
    'toJSON(',
    'case(',
    'contains(',
    'replace(',
    'split(',
    "date-format(now(), '",
    'base64(',
    'unbase64(',
    'hash(',
    'keys(',
    'success(',
    'constructor',
    '__proto__',
  ],
];

const joined = fc.array(fc.constantFrom(...pieces), { maxLength: 24 }).map((parts) => parts.join(''));
const anything = fc.string({ unit: 'binary', maxLength: 60 });
/** A row of the data with a few units taken out, put in or doubled. */
const mutated = fc
  .tuple(fc.constantFrom(...sources), fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...pieces)), { maxLength: 4 }))
  .map(([source, edits]) =>
    edits.reduce((text, [place, kind, piece]) => {
      const at = text.length === 0 ? 0 : place % text.length;
      if (kind === 0) return text.slice(0, at) + text.slice(at + 1);
      return kind === 1 ? text.slice(0, at) + piece + text.slice(at) : text.slice(0, at) + text.slice(at, at + 6) + text.slice(at);
    }, source),
  );
const source = fc.oneof({ weight: 4, arbitrary: mutated }, { weight: 4, arbitrary: joined }, { weight: 1, arbitrary: anything });

/** What came of it, as a text that can be compared; anything but a value and an ExpressionError is a failure. */
function outcome(attempt: () => string): string {
  const before = process.cpuUsage();
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    if (error.phase !== 'evaluation' && error.offset === undefined && error.textOffset === undefined && !error.code.startsWith('too-'))
      throw error;
    return `${error.code} ${error.position} ${error.message}`;
  } finally {
    const { user } = process.cpuUsage(before);
    expect(user).toBeLessThan(SLOWEST);
  }
}

describe('under random input', () => {
  it('EXP-11: an expression gives a value or an ExpressionError, soon, and the same again', { timeout: 600_000 }, () => {
    const prototype = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
    const seen = new Set<string>();
    fc.assert(
      fc.property(source, (text) => {
        const run = (): string => outcome(() => toCompactJson(evaluate(compileExpression(text), languageScope)));
        const first = run();
        seen.add(first.split(' ')[0] ?? '');
        if (run() !== first) throw new TypeError(`${text} gave two results`);
      }),
      { numRuns: runs },
    );
    expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).toBe(prototype);
    expect(seen.size).toBeGreaterThan(20);
  });

  it('EXP-11: a template gives a value or an ExpressionError, and the same again', { timeout: 600_000 }, () => {
    const texts = templates.flatMap(({ rows }) => rows.map((row) => row[0] as string));
    const around = fc.tuple(fc.constantFrom(...texts, '${{ ', '$<< ', '\\${{'), source, fc.constantFrom('', ' }}', '}}', ' >>', '}} b'));
    fc.assert(
      fc.property(
        fc.oneof(
          around.map((parts) => parts.join('')),
          source.map((text) => `\${{ ${text} }}`),
        ),
        (text) => {
          const scopes = { whole: languageScope, one: languageScope };
          const run = (): string => outcome(() => toCompactJson(evaluateTemplate(compileTemplate(text), scopes)));
          if (run() !== run()) throw new TypeError(`${text} gave two results`);
        },
      ),
      { numRuns: Math.ceil(runs / 4) },
    );
  });

  it('a text without a placeholder and an escape is what it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!text.includes('${{') && !text.includes('$<<'));
        expect(compileTemplate(text)).toMatchObject({ kind: 'literal', text });
      }),
    );
  });

  it('any text can be written as a template: with each opening escaped', () => {
    const unit = fc.constantFrom('$', '$$', '{', '{{', '<<', '${{', '$${{', '$<<', '$$<<', '}}', 'a', "'", ' ');
    fc.assert(
      fc.property(
        fc.array(unit).map((units) => units.join('')),
        (text) => {
          const escaped = text.replaceAll(/\$\$\{\{|\$\$<<|\$\{\{|\$<</g, '\\$&');
          expect(compileTemplate(escaped)).toMatchObject({ kind: 'literal', text });
        },
      ),
    );
  });
});
