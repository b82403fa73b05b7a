import { afterEach, describe, expect, it } from 'vitest';
import type { DemoParties } from './demo-parties.ts';
import { startDemoParties } from './demo-parties.ts';
import { demoSecrets, failureBucket, reportsBucket } from './parties/demo-credentials.ts';

let parties: DemoParties | undefined;

afterEach(async () => {
  await parties?.stop();
  parties = undefined;
});

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

describe('the parties of the demo', () => {
  it('begin with the reports in both buckets and nothing received', async () => {
    parties = await startDemoParties();
    const { buckets, ...received } = await parties.received();
    expect(received).toEqual({ reports: [], repeatedReports: 0, logs: [], incidents: [], completions: 0 });
    expect(buckets[reportsBucket]).toHaveLength(25);
    expect(buckets[failureBucket]).toEqual(buckets[reportsBucket]);
  });

  it('refuse whoever has not the right keys', async () => {
    parties = await startDemoParties();
    const { urls } = parties;
    expect((await fetch(`${urls.s3}/${reportsBucket}?list-type=2`)).status).toBe(403);
    expect((await post(`${urls.webhook}/v1/financial-reports`, {}, { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await post(`${urls.newRelic}/log/v1`, [], { 'api-key': 'wrong' })).status).toBe(403);
    expect((await post(`${urls.pagerDuty}/incidents`, {}, { authorization: 'Token token=wrong' })).status).toBe(401);
    expect((await parties.received()).reports).toEqual([]);
  });

  it('know a report that is delivered again by its key', async () => {
    parties = await startDemoParties();
    const headers = { authorization: `Bearer ${demoSecrets.API_BEARER_TOKEN}`, 'idempotency-key': 'a' };
    for (const body of [{ n: 1 }, { n: 1 }]) await post(`${parties.urls.webhook}/v1/financial-reports`, body, headers);
    const { reports, repeatedReports } = await parties.received();
    expect({ reports, repeatedReports }).toEqual({ reports: [{ idempotencyKey: 'a', body: { n: 1 } }], repeatedReports: 1 });
  });

  it('say of the model that it is none', async () => {
    parties = await startDemoParties({ badAnswers: 1 });
    const url = `${parties.urls.model}/v1/chat/completions`;
    const schema = { type: 'object', properties: { company: { type: 'string' } } };
    const ask = async (messages: object[]) => {
      const response = await post(url, { messages, response_format: { type: 'json_schema', json_schema: { name: 'o', schema } } });
      const { model, choices } = (await response.json()) as { model: string; choices: [{ message: { content: string } }] };
      return { model, content: choices[0].message.content };
    };
    const user = { role: 'user', content: 'Company: A' };
    const bad = await ask([user]);
    expect(bad.model).toBe('stand-in-for-a-language-model');
    expect(() => JSON.parse(bad.content) as unknown).toThrow();
    expect((await ask([user, { role: 'assistant', content: bad.content }, { role: 'user', content: 'Again.' }])).content).toBe(
      '{"company":"A"}',
    );
  });

  it('say that a port is taken, and leave nothing running', async () => {
    parties = await startDemoParties();
    const port = Number(new URL(parties.urls.pagerDuty).port);
    await expect(startDemoParties({ ports: { pagerDuty: port } })).rejects.toThrow('EADDRINUSE');
  });
});
