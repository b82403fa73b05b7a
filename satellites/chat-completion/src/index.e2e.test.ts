import { testSatellite } from '@exosphere/satellite/testing';
import type { HttpReceiver } from '@exosphere/testkit';
import { startReceiver } from '@exosphere/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import chatCompletion from './index.ts';

let server: HttpReceiver;

/** A model that gives these answers, one after the other. */
async function ask(answers: string[], config: object, input: object = { prompt: 'Who?' }, secrets: Record<string, string> = {}) {
  server = await startReceiver({
    answer: () => ({
      status: 200,
      body: {
        choices: [{ finish_reason: 'stop', message: { content: answers.shift() } }],
        usage: { prompt_tokens: 10, completion_tokens: 3 },
      },
    }),
  });
  return testSatellite(chatCompletion, { config: { model: 'm', 'base-url': `${server.url}/v1`, ...config }, input, secrets });
}

const sent = () => server.requests.map(({ body }) => JSON.parse(body));

afterEach(() => server.stop());

describe('chat-completion', () => {
  it('gives the answer as text, with its tokens as metrics', async () => {
    const result = await ask(['<think>Hm.</think>Ada.'], { temperature: 0, 'max-tokens': 5, parameters: { seed: 1 } }, undefined, {
      API_KEY: 'k',
    });
    expect(result).toMatchObject({
      error: null,
      objects: [{ completion: 'Ada.', reasoning: 'Hm.', 'finish-reason': 'stop' }],
      metrics: { requests: 1, 'prompt-tokens': 10, 'completion-tokens': 3, 'total-tokens': 13 },
    });
    expect(server.requests[0]?.headers['authorization']).toBe('Bearer k');
    expect(sent()[0]).toEqual({ model: 'm', messages: [{ role: 'user', content: 'Who?' }], temperature: 0, max_tokens: 5, seed: 1 });
  });

  it('gives the JSON that the shorthand describes, and nothing around it', async () => {
    const schema = '{\n  "company": string,\n  "net-income": number,\n  "notes"?: [string],\n}';
    const { objects } = await ask(['{"company":"A","net-income":1.5}'], { 'output-format': 'json', 'output-schema': schema });
    expect(objects).toEqual([{ company: 'A', 'net-income': 1.5 }]);
    expect(sent()[0].response_format.json_schema.schema).toMatchObject({
      required: ['company', 'net-income'],
      additionalProperties: false,
    });
  });

  it('counts the tokens of answers that had to be mended', async () => {
    const schema = { type: 'object', required: ['a'], properties: { a: { type: 'number' } } };
    const { objects, metrics } = await ask(['{"a":"1"}', '{"a":1}'], { 'output-format': 'json', 'output-schema': schema });
    expect(objects).toEqual([{ a: 1 }]);
    expect(metrics).toMatchObject({ requests: 2, 'total-tokens': 26 });
  });

  it('fails, and may be tried again, when the answer never fits', async () => {
    const config = { 'output-format': 'json', 'output-schema': '{ "a": number }', repairs: 1 };
    const { error, metrics } = await ask(['no', 'no'], config);
    expect(error).toMatchObject({ code: 'answer-invalid', retryable: true });
    expect(metrics).toMatchObject({ requests: 2 });
  });

  it('takes a conversation, and a prompt at its end', async () => {
    const messages = [{ role: 'system', content: 'Be short.' }];
    await ask(['Ada.'], {}, { messages, prompt: 'Who?' });
    expect(sent()[0].messages).toEqual([...messages, { role: 'user', content: 'Who?' }]);
  });

  it.each([
    ['a schema that cannot be read', { 'output-format': 'json', 'output-schema': '{ "a": text }' }],
    ['a schema for text', { 'output-schema': '{ "a": number }' }],
  ])('refuses %s for good', async (_, config) => {
    expect((await ask([], config)).error).toMatchObject({ code: 'config-invalid', retryable: false });
    expect(server.requests).toEqual([]);
  });
});
