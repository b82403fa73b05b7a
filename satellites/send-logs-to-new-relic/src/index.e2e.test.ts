import { testSatellite } from '@exosphere/satellite/testing';
import type { HttpReceiver } from '@exosphere/testkit';
import { startReceiver } from '@exosphere/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import sendLogs from './index.ts';

const config = { 'account-id': '42', 'api-key': 'ingest-key', 'application-id': '77' };
const records = (['debug', 'info', 'error'] as const).map((level) => ({
  time: '2025-01-31T10:00:00Z',
  level,
  message: `a ${level}`,
  run: 'r',
}));
let receiver: HttpReceiver;

beforeEach(async () => {
  receiver = await startReceiver({
    answer: ({ headers }) =>
      headers['api-key'] === 'ingest-key' ? { status: 202, body: { requestId: 'x' } } : { status: 403, body: '{}' },
  });
  redirectTo(receiver.url);
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await receiver.stop();
});

/** What the runtime does with an environment's endpoint `https://log-api.newrelic.com`. */
function redirectTo(url: string): void {
  const real = fetch;
  vi.stubGlobal('fetch', (request: Request, init?: RequestInit) => {
    expect(request.url).toBe('https://log-api.newrelic.com/log/v1');
    return real(new Request(request.url.replace('https://log-api.newrelic.com', url), request), init);
  });
}

describe('send-logs-to-new-relic', () => {
  it('sends what is of its level or above, with the license key', async () => {
    const { objects, error } = await testSatellite(sendLogs, { config, input: { records } });
    expect(error).toBeNull();
    expect(objects).toEqual([{ sent: 2, requests: 1 }]);
    const [batch] = JSON.parse(receiver.requests[0]!.body);
    expect(batch.common.attributes).toMatchObject({ 'account.id': '42', 'application.id': '77', appId: 77 });
    expect(batch.logs.map(({ message }: { message: string }) => message)).toEqual(['a info', 'a error']);
  });

  it('sends nothing where nothing is of its level', async () => {
    const { objects } = await testSatellite(sendLogs, {
      config: { ...config, 'log-level': 'error' },
      input: { records: records.slice(0, 2) },
    });
    expect(objects).toEqual([{ sent: 0, requests: 0 }]);
    expect(receiver.requests).toEqual([]);
  });

  it('fails for good with a wrong key', async () => {
    const { error } = await testSatellite(sendLogs, { config: { ...config, 'api-key': 'wrong' }, input: { records } });
    expect(error).toMatchObject({ code: 'http-refused', retryable: false, message: expect.stringContaining('New Relic answered 403') });
  });
});
