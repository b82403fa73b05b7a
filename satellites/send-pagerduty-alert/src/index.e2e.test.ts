import { testSatellite } from '@exosphere/satellite/testing';
import type { HttpReceiver } from '@exosphere/testkit';
import { startReceiver } from '@exosphere/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import sendAlert from './index.ts';

const config = { 'pagerduty-api-key': 'pd-key', 'pagerduty-service-id': 'PABC' };
const input = { message: 'It failed.\nHere is why.' };
let receiver: HttpReceiver;

beforeEach(async () => {
  const open = new Set<string>();
  receiver = await startReceiver({
    answer: ({ headers, body }) => {
      if (headers['authorization'] !== 'Token token=pd-key')
        return { status: 401, body: { error: { message: 'Unauthorized', code: 2006 } } };
      const { incident_key: key } = JSON.parse(body).incident as { incident_key: string };
      if (open.has(key))
        return {
          status: 400,
          body: { error: { code: 2001, errors: ['Open incident with matching dedup key already exists on this service'] } },
        };
      open.add(key);
      return {
        status: 201,
        body: { incident: { id: 'Q1', incident_number: open.size, html_url: 'https://x.pagerduty.com/incidents/Q1' } },
      };
    },
  });
  // What the runtime does with an environment's endpoint `https://api.pagerduty.com`.
  const real = fetch;
  vi.stubGlobal('fetch', (request: Request, init?: RequestInit) =>
    real(new Request(request.url.replace('https://api.pagerduty.com', receiver.url), request), init),
  );
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await receiver.stop();
});

describe('send-pagerduty-alert', () => {
  it('opens an incident on the service', async () => {
    const { objects, error } = await testSatellite(sendAlert, {
      config: { ...config, from: 'me@example.com' },
      input,
      idempotencyKey: 'r/s/0',
    });
    expect(error).toBeNull();
    expect(objects).toEqual([
      {
        'incident-key': 'r/s/0',
        created: true,
        'incident-id': 'Q1',
        'incident-number': 1,
        'incident-url': 'https://x.pagerduty.com/incidents/Q1',
      },
    ]);
    expect(receiver.requests[0]).toMatchObject({
      path: '/incidents',
      headers: { from: 'me@example.com', accept: 'application/vnd.pagerduty+json;version=2' },
    });
    expect(JSON.parse(receiver.requests[0]!.body).incident).toMatchObject({ title: 'It failed.', service: { id: 'PABC' } });
  });

  it('does not alert twice for one execution', async () => {
    await testSatellite(sendAlert, { config, input, idempotencyKey: 'r/s/0' });
    const again = await testSatellite(sendAlert, { config, input, idempotencyKey: 'r/s/0', attempt: 2 });
    expect(again).toMatchObject({ error: null, objects: [{ 'incident-key': 'r/s/0', created: false }] });
  });

  it('fails for good with a wrong key', async () => {
    const { error } = await testSatellite(sendAlert, { config: { ...config, 'pagerduty-api-key': 'wrong' }, input });
    expect(error).toMatchObject({ code: 'http-refused', retryable: false, message: expect.stringContaining('PagerDuty answered 401') });
  });
});
