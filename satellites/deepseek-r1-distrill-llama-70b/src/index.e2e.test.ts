import type { TestResult } from '@exosphere/satellite/testing';
import { testSatellite } from '@exosphere/satellite/testing';
import type { HttpReceiver } from '@exosphere/testkit';
import { startReceiver } from '@exosphere/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import deepseek from './index.ts';

interface Server {
  /** What it says it has; null: it does not say. */
  readonly models?: readonly string[] | null;
  readonly answers?: readonly string[];
}

const own = 'deepseek-r1-distill-llama-70b';
let server: HttpReceiver;

/** A server of the OpenAI protocol that gives these answers, one after the other. */
async function start({ models = [own], answers = [] }: Server): Promise<void> {
  const left = [...answers];
  server = await startReceiver({
    answer: ({ path }) => {
      if (path === '/v1/models') return models === null ? { status: 404 } : { status: 200, body: { data: models.map((id) => ({ id })) } };
      const choices = [{ finish_reason: 'stop', message: { content: left.shift() } }];
      return { status: 200, body: { choices, usage: { prompt_tokens: 10, completion_tokens: 3 } } };
    },
  });
}

const ask = (config: object, path = ''): Promise<TestResult> =>
  testSatellite(deepseek, { config, input: { prompt: 'Which?' }, endpoints: { server: `${server.url}${path}` } });
const sent = () => server.requests.filter(({ path }) => path === '/v1/chat/completions').map(({ body }) => JSON.parse(body));

afterEach(() => server.stop());

describe('deepseek-r1-distrill-llama-70b', () => {
  it('asks its server, and gives thoughts and tokens apart from the answer', async () => {
    await start({ answers: ['Hm.\n</think>\n\nAda.'] });
    expect(await ask({ 'max-tokens': 1024 })).toMatchObject({
      error: null,
      objects: [{ completion: 'Ada.', reasoning: 'Hm.', 'finish-reason': 'stop' }],
      metrics: { requests: 1, 'prompt-tokens': 10, 'completion-tokens': 3, 'total-tokens': 13 },
    });
    expect(sent()).toEqual([{ model: own, messages: [{ role: 'user', content: 'Which?' }], temperature: 0.6, max_tokens: 1024 }]);
  });

  it('gives the JSON that the schema describes, and nothing around it', async () => {
    await start({ answers: ['{"company":"A","net-income":1.5}'] });
    const schema = '{ "company": string, "net-income": number, }';
    const { objects } = await ask({ temperature: 0.5, 'output-format': 'json', 'output-schema': schema });
    expect(objects).toEqual([{ company: 'A', 'net-income': 1.5 }]);
    expect(sent()[0]).toMatchObject({
      temperature: 0.5,
      response_format: { type: 'json_schema', json_schema: { strict: true, schema: { required: ['company', 'net-income'] } } },
    });
  });

  it('lets the model mend what does not fit', async () => {
    await start({ answers: ['{"a":', '{"a":"1"}', '{"a":1}'] });
    const { objects, metrics, logs } = await ask({ 'output-format': 'json', 'output-schema': '{ "a": number }' });
    expect(objects).toEqual([{ a: 1 }]);
    expect(metrics).toMatchObject({ requests: 3, 'total-tokens': 39 });
    expect(logs.map(({ level }) => level)).toEqual(['warn', 'warn']);
  });

  it('asks the only model of a server that stands in, and says so once', async () => {
    await start({ models: ['small'], answers: ['Ada.', 'Ada.'] });
    const [first, second] = [await ask({}), await ask({})];
    expect(sent().map(({ model }) => model)).toEqual(['small', 'small']);
    expect(first.logs).toMatchObject([{ level: 'info', message: expect.stringContaining("'small'") }]);
    expect(second.logs).toEqual([]);
  });

  it.each([
    ['has it among others', { models: ['small', own] }],
    ['has several others', { models: ['small', 'large'] }],
    ['does not say what it has', { models: null }],
  ])('asks for its own model where the server %s', async (_, models) => {
    await start({ ...models, answers: ['Ada.'] });
    await ask({});
    expect(sent()[0].model).toBe(own);
  });

  it('takes a base URL of the OpenAI protocol as well as the address of a server', async () => {
    await start({ answers: ['Ada.'] });
    expect((await ask({}, '/v1/')).objects).toMatchObject([{ completion: 'Ada.' }]);
  });

  it('says which server it cannot reach', async () => {
    await start({});
    const nowhere = 'http://127.0.0.1:1';
    const { error } = await testSatellite(deepseek, { input: { prompt: 'Which?' }, endpoints: { server: nowhere } });
    expect(error).toMatchObject({ code: 'http-unreachable', retryable: true, message: expect.stringContaining(nowhere) });
  });
});
