import type { HttpReceiver, ReceiverAnswer } from '@exosphere/testkit';
import { startReceiver } from '@exosphere/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChatOptions, ChatUsage } from './index.ts';
import { completeJson, completeText } from './index.ts';

let server: HttpReceiver;
let usage: ChatUsage | null = null;
const warnings: string[] = [];

function said(content: string, more: object = {}): ReceiverAnswer {
  const body = {
    choices: [{ finish_reason: 'stop', message: { role: 'assistant', content }, ...more }],
    usage: { prompt_tokens: 10, completion_tokens: 3 },
  };
  return { status: 200, body };
}

/** A model that gives these answers, one after the other. */
async function options(answers: ReceiverAnswer[], more: Partial<ChatOptions> = {}): Promise<ChatOptions> {
  usage = null;
  warnings.length = 0;
  server = await startReceiver({ answer: () => answers.shift() ?? { status: 500, body: 'nothing left to say' } });
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (message: string) => void warnings.push(message),
    error: () => undefined,
  };
  const messages = [{ role: 'user', content: 'Who?' }] as const;
  return { baseUrl: `${server.url}/v1/`, model: 'm', messages, signal: AbortSignal.timeout(5000), timeoutMs: 5000, log, ...more };
}

const wanted = {
  schema: { type: 'object', required: ['a'], properties: { a: { type: 'number' } } },
  structuredOutput: 'json-schema',
  repairs: 2,
} as const;
const count = (counted: ChatUsage): void => {
  usage = counted;
};
const sent = () => server.requests.map(({ body }) => JSON.parse(body));

afterEach(() => server.stop());

describe('a completion', () => {
  it('sends what is asked, and counts what it took', async () => {
    const more = { apiKey: 'k', temperature: 0.5, maxTokens: 99, parameters: { top_p: 0.9 } };
    const completion = await completeText(await options([said('Ada.')], more), count);
    expect(completion).toEqual({ text: 'Ada.', reasoning: null, finishReason: 'stop' });
    expect(server.requests[0]).toMatchObject({ path: '/v1/chat/completions', headers: { authorization: 'Bearer k' } });
    expect(sent()[0]).toEqual({ model: 'm', messages: [{ role: 'user', content: 'Who?' }], temperature: 0.5, max_tokens: 99, top_p: 0.9 });
    expect(usage).toEqual({ requests: 1, promptTokens: 10, completionTokens: 3 });
  });

  it('keeps thoughts apart that stand in the answer', async () => {
    expect(await completeText(await options([said('<think>hm</think>Ada.')]), count)).toMatchObject({ text: 'Ada.', reasoning: 'hm' });
  });

  it.each(['reasoning_content', 'reasoning'])('takes thoughts that a server keeps apart as %s', async (key) => {
    const apart = said('', { message: { content: 'Ada.', [key]: 'hm' } });
    expect(await completeText(await options([apart]), count)).toMatchObject({ text: 'Ada.', reasoning: 'hm' });
  });

  it('gives the JSON that the schema describes', async () => {
    expect(await completeJson(await options([said('{"a":1}')]), wanted, count)).toEqual({ a: 1 });
    expect(sent()[0]).toMatchObject({ response_format: { type: 'json_schema', json_schema: { schema: wanted.schema } } });
    expect(sent()[0].messages[0].content).toMatch(/^Who\?\n\nAnswer with one JSON object/);
  });

  it('lets the model mend an answer that does not fit', async () => {
    expect(await completeJson(await options([said('{"a":"one"}'), said('sorry'), said('{"a":1}')]), wanted, count)).toEqual({ a: 1 });
    const [, , third] = sent();
    expect(third.messages.map(({ role }: { role: string }) => role)).toEqual(['user', 'assistant', 'user', 'assistant', 'user']);
    expect(third.messages[2].content).toMatch(/\/a: .*number/);
    expect(third.messages[4].content).toContain('it is no JSON');
    expect(warnings).toHaveLength(2);
    expect(usage).toEqual({ requests: 3, promptTokens: 30, completionTokens: 9 });
  });

  it('fails so that another attempt may help when nothing mends it', async () => {
    const failure = completeJson(await options([said('no'), said('no'), said('no'), said('{"a":1}')]), wanted, count);
    await expect(failure).rejects.toMatchObject({
      code: 'answer-invalid',
      retryable: true,
      message: expect.stringContaining('After 3 tries'),
    });
    expect(usage?.requests).toBe(3);
  });

  it('says that an answer was cut off', async () => {
    const failure = completeJson(await options([said('{"a":', { finish_reason: 'length' })]), { ...wanted, repairs: 0 }, count);
    await expect(failure).rejects.toThrow('cut off (max-tokens)');
  });

  it.each([
    ['a refusal', said('', { message: { content: null, refusal: 'I will not.' } }), { code: 'model-refused', retryable: false }],
    ['a filter', said('', { finish_reason: 'content_filter' }), { code: 'model-refused', retryable: false }],
    ['an answer that is none', { status: 200, body: '<html>' }, { code: 'answer-invalid', retryable: true }],
    ['an answer without a choice', { status: 200, body: { choices: [] } }, { code: 'answer-invalid', retryable: true }],
    ['a wrong key', { status: 401, body: 'no' }, { code: 'http-refused', retryable: false }],
    ['a prompt that is too long', { status: 400, body: 'context length' }, { code: 'http-refused', retryable: false }],
    ['a rate limit', { status: 429, headers: { 'retry-after': '2' } }, { code: 'http-unavailable', retryable: true, retryAfterMs: 2000 }],
    ['an overloaded server', { status: 503 }, { code: 'http-unavailable', retryable: true }],
  ])('fails with %s', async (_, answer, failure) => {
    await expect(completeText(await options([answer]), count)).rejects.toMatchObject(failure);
  });
});
