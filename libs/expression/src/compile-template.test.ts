import { describe, expect, it } from 'vitest';
import templateErrors from '../testdata/template-errors.json' with { type: 'json' };
import templates from '../testdata/templates.json' with { type: 'json' };
import { checkTemplate, compileTemplate, evaluateTemplate } from './compile-template.ts';
import { ExpressionError } from './expression-error.ts';
import { parseTemplate } from './template.ts';
import { templateContexts, templateScopes } from './testing/template-scopes.ts';
import { toPlain } from './to-plain.ts';

const options = { contexts: templateContexts };

describe('a template', () => {
  describe.each(templates)('$about', ({ rows }) => {
    it.each(rows.map(([text, result]) => [text as string, result] as const))('%s', (text, result) => {
      expect(toPlain(evaluateTemplate(compileTemplate(text, options), templateScopes()))).toStrictEqual(result);
    });
  });

  it('says where its placeholders are, of which form, and what stands between them', () => {
    expect(parseTemplate('a ${{ b }} $$<<c>>')).toEqual({
      kind: 'text',
      parts: [
        'a ',
        { form: 'whole', source: 'b', start: 2, end: 10, sourceStart: 6 },
        ' ',
        { form: 'one', source: 'c', start: 11, end: 18, sourceStart: 15 },
      ],
    });
  });

  it('is a literal without its escapes where it has no placeholder', () => {
    expect(parseTemplate('\\${{ a }}')).toEqual({ kind: 'literal', text: '${{ a }}' });
  });

  it('lists its compiled placeholders', () => {
    const template = compileTemplate('${{ item.a }} and $${{ item.b }}', options);
    expect(template.placeholders.map(({ form, expression }) => [form, expression.references[0]?.path])).toEqual([
      ['whole', [{ kind: 'key', name: 'a' }]],
      ['one', [{ kind: 'key', name: 'b' }]],
    ]);
  });

  it('reports the mistakes of all its placeholders at once', () => {
    const { template, errors } = checkTemplate('${{ nope }} ${{ item.n }} ${{ 1 + }}', options);
    expect(errors.map(({ code, textOffset }) => [code, textOffset])).toEqual([
      ['unknown-name', 4],
      ['unexpected-end', 32],
    ]);
    expect(template.placeholders).toHaveLength(1);
  });

  it.each(templateErrors.map((row) => [String(row[0]), row] as const))('refuses %j', (text, [, code, message, textOffset]) => {
    try {
      evaluateTemplate(compileTemplate(text, options), templateScopes());
      expect.unreachable('it was expected to fail');
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      expect([error.code, error.message, error.textOffset]).toEqual([code, message, textOffset]);
    }
  });

  it('shares one limit of memory between its placeholders', () => {
    const text = 'x'.repeat(1_000_000);
    const scope = { contexts: { inputs: { text } } };
    const template = compileTemplate('${{ inputs.text }} '.repeat(10));
    expect(() => evaluateTemplate(template, { whole: scope, one: scope })).toThrow('The maximum allowed memory size was exceeded');
  });
});
