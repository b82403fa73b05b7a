import type { HttpReceiver, ReceiverOptions } from '@exosphere/testkit';
import { startReceiver } from '@exosphere/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpRequest } from './index.ts';
import { exchange, refusal } from './index.ts';

let receiver: HttpReceiver;

async function ask(answer: ReceiverOptions['answer'], more: Partial<HttpRequest> = {}) {
  receiver = await startReceiver({ answer });
  const defaults = { method: 'POST', headers: {}, signal: AbortSignal.timeout(10_000), timeoutMs: 5000, answerLimit: 1000 };
  return exchange(`${receiver.url}/path?token=hidden`, { ...defaults, ...more });
}

afterEach(() => receiver.stop());

describe('an exchange', () => {
  it('sends method, headers and body, and reads status, headers and text', async () => {
    const answer = await ask(() => ({ status: 201, headers: { 'X-Id': '7' }, body: { a: 1 } }), {
      headers: { 'x-sent': 'yes' },
      body: 'ü',
    });
    expect(receiver.requests[0]).toMatchObject({ method: 'POST', path: '/path?token=hidden', body: 'ü', headers: { 'x-sent': 'yes' } });
    expect(answer).toMatchObject({ status: 201, text: '{"a":1}', cut: false, headers: { 'x-id': '7' } });
  });

  it('takes no more of an endless answer than its limit (WHK-12)', async () => {
    let closed = false;
    const answer = await ask((_, raw) => {
      raw.on('close', () => (closed = true));
      const more = (): void => {
        while (!raw.destroyed && raw.write('x'.repeat(65_536)));
      };
      raw.on('drain', more);
      more();
      return null;
    });
    expect(answer).toMatchObject({ status: 200, cut: true });
    expect(answer.text).toHaveLength(1000);
    await expect.poll(() => closed).toBe(true);
  });

  it('gives up on a server that drips (WHK-12)', async () => {
    const dripping = ask(
      (_, raw) => {
        const drip = setInterval(() => raw.write('.'), 20);
        raw.on('close', () => clearInterval(drip));
        return null;
      },
      { timeoutMs: 200 },
    );
    await expect(dripping).rejects.toMatchObject({ code: 'http-timeout', retryable: true });
  });

  it('may be tried again when the connection breaks, and never repeats the query (WHK-12)', async () => {
    const broken = ask((_, raw) => {
      raw.destroy();
      return null;
    });
    const failure = await broken.catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'http-unreachable', retryable: true, message: expect.stringContaining('/path') });
    expect(String(failure)).not.toContain('hidden');
  });

  it('does not follow a redirect (WHK-11)', async () => {
    const answer = await ask((request) =>
      request.path === '/path?token=hidden' ? { status: 302, headers: { location: '/trap' } } : { status: 200 },
    );
    expect(answer.status).toBe(302);
    expect(receiver.requests).toHaveLength(1);
    expect(refusal(answer, 'The webhook', 0)).toMatchObject({ code: 'http-redirected', retryable: false });
  });

  it('ends when the attempt is stopped', async () => {
    const stopped = new AbortController();
    setTimeout(() => stopped.abort(new RangeError('stopped')), 50);
    await expect(ask(() => null, { signal: stopped.signal })).rejects.toThrow('stopped');
  });

  it('refuses what cannot be sent, for good', async () => {
    await expect(ask(() => null, { headers: { 'x-bad': 'line\nbreak' } })).rejects.toMatchObject({
      code: 'request-invalid',
      retryable: false,
    });
    const request = { method: 'GET', headers: {}, signal: AbortSignal.timeout(1000), timeoutMs: 1000, answerLimit: 10 };
    await expect(exchange('no url', request)).rejects.toMatchObject({ code: 'request-invalid' });
  });
});

describe('a refusal', () => {
  it.each([
    [400, { code: 'http-refused', retryable: false }],
    [401, { code: 'http-refused', retryable: false }],
    [408, { code: 'http-unavailable', retryable: true }],
    [410, { code: 'http-refused', retryable: false }],
    [425, { code: 'http-unavailable', retryable: true }],
    [429, { code: 'http-unavailable', retryable: true, retryAfterMs: 3000 }],
    [500, { code: 'http-unavailable', retryable: true }],
    [503, { code: 'http-unavailable', retryable: true, retryAfterMs: 3000 }],
  ])('with %i says whether to try again, and when', async (status, failure) => {
    const answer = await ask(() => ({ status, headers: { 'retry-after': '3' }, body: 'because\n of this' }));
    expect(refusal(answer, 'The webhook', 0)).toMatchObject({ ...failure, message: `The webhook answered ${status}: because of this.` });
  });
});
