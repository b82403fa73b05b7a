import { describe, expect, it } from 'vitest';
import { readJsonAnswer, withoutReasoning } from './read-json-answer.ts';
import { jsonInstruction, responseFormat } from './response-format.ts';
import { checkAgainst } from './schema-check.ts';

const anything = () => null;

describe('an answer', () => {
  it.each([
    ['alone', '{"a":1}'],
    ['in a code block', 'Here it is:\n```json\n{"a":1}\n```\nDone.'],
    ['in a code block of no language', '```\n{"a":1}\n```'],
    ['with words around it', 'The result is {"a":1}. Anything else?'],
    ['after thoughts', '<think>\nMaybe {"a":2}?\n</think>\n{"a":1}'],
    ['after thoughts without an opening tag', 'Hmm, {"a":2}.</think>\n\n```json\n{"a":1}\n```'],
  ])('is found %s', (_, content) => {
    expect(readJsonAnswer(content, anything)).toEqual({ kind: 'object', object: { a: 1 } });
  });

  it.each([
    ['no JSON', 'I cannot say.', 'it is no JSON'],
    ['cut off', '{"a": [1, 2', 'it is no JSON'],
    ['a list', '[1]', 'it is JSON, but no object'],
    ['null', 'null', 'it is JSON, but no object'],
    ['empty', '', 'it is no JSON'],
  ])('that is %s has a fault', (_, content, fault) => {
    expect(readJsonAnswer(content, anything)).toEqual({ kind: 'fault', fault });
  });

  it('keeps its thoughts apart', () => {
    expect(withoutReasoning('<think>\nwell\n</think>\n\nYes.')).toEqual({ answer: 'Yes.', reasoning: 'well' });
    expect(withoutReasoning('Yes.')).toEqual({ answer: 'Yes.', reasoning: null });
  });
});

describe('a schema', () => {
  const schema = {
    type: 'object',
    required: ['company', 'revenue'],
    properties: { company: { type: 'string' }, revenue: { type: 'number' }, parts: { type: 'array', items: { type: 'integer' } } },
    additionalProperties: false,
  };

  it('lets pass what fits', () => {
    expect(checkAgainst(schema)({ company: 'A', revenue: 1.5, parts: [1] })).toBeNull();
  });

  it('says where and what does not fit', () => {
    expect(checkAgainst(schema)({ company: 'A', revenue: '1' })).toMatch(/^\/revenue: .*number/);
    expect(checkAgainst(schema)({ company: 'A' })).toMatch(/revenue/);
    expect(checkAgainst(schema)({ company: 'A', revenue: 1, parts: [1, 'x'] })).toMatch(/\/parts\/1: /);
    expect(checkAgainst(schema)({ company: 'A', revenue: 1, more: true })).toMatch(/more/);
  });

  it('is asked for strictly only where it leaves nothing open', () => {
    expect(responseFormat('json-schema', schema)).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { schema, strict: false } },
    });
    const closed = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
    expect(responseFormat('json-schema', closed)).toMatchObject({ response_format: { json_schema: { strict: true } } });
    expect(responseFormat('json-object', schema)).toEqual({ response_format: { type: 'json_object' } });
    expect(responseFormat('json-schema', null)).toEqual({ response_format: { type: 'json_object' } });
    expect(responseFormat('none', schema)).toEqual({});
  });

  it('is shown to the model', () => {
    expect(jsonInstruction(schema)).toContain(JSON.stringify(schema));
  });
});
