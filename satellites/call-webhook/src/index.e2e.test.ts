import type { JsonObject } from '@exosphere/satellite';
import { testSatellite } from '@exosphere/satellite/testing';
import type { HttpReceiver, ReceiverOptions } from '@exosphere/testkit';
import { startReceiver } from '@exosphere/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import callWebhook from './index.ts';

let receiver: HttpReceiver | undefined;

afterEach(async () => {
  await receiver?.stop();
  receiver = undefined;
});

async function call(answer: ReceiverOptions['answer'], config: object = {}, more: object = {}) {
  receiver ??= await startReceiver({ answer });
  return testSatellite(callWebhook, {
    config: { url: `${receiver.url}/v1/reports`, ...config },
    item: { n: 1 } as JsonObject,
    idempotencyKey: 'run-1/call-webhook/0.3',
    ...more,
  });
}

describe('call-webhook', () => {
  it('sends method, headers and body, with its key, and hands on the answer', async () => {
    const config = { method: 'PUT', headers: { Authorization: 'Bearer abc' }, body: { data: { revenue: 1 }, 'file-path': 'a.pdf' } };
    const { objects, error } = await call(() => ({ status: 201, headers: { 'x-id': '7' }, body: { accepted: true } }), config);
    expect(error).toBeNull();
    expect(objects).toEqual([{ status: 201, headers: expect.objectContaining({ 'x-id': '7' }), body: { accepted: true } }]);
    const sent = receiver!.requests[0]!;
    expect(sent).toMatchObject({
      method: 'PUT',
      path: '/v1/reports',
      headers: {
        authorization: 'Bearer abc',
        'content-type': 'application/json',
        'idempotency-key': 'run-1/call-webhook/0.3',
        'webhook-id': 'run-1/call-webhook/0.3',
      },
    });
    expect(JSON.parse(sent.body)).toEqual({ data: { revenue: 1 }, 'file-path': 'a.pdf' });
  });

  it('sends the same id with a new time in the next attempt (WHK-12)', async () => {
    const answer = () => ({ status: 200 });
    await call(answer);
    await new Promise((resolve) => setTimeout(resolve, 1010));
    await call(answer, {}, { attempt: 2 });
    const [first, second] = receiver!.requests.map(({ headers }) => headers);
    expect(second?.['webhook-id']).toBe(first?.['webhook-id']);
    expect(Number(second?.['webhook-timestamp'])).toBeGreaterThan(Number(first?.['webhook-timestamp']));
  });

  it('sends its input where it has no body', async () => {
    await call(() => ({ status: 204 }));
    expect(receiver!.requests[0]?.body).toBe('{"n":1}');
  });

  it('lets its headers replace ours, whatever their case', async () => {
    await call(() => ({ status: 200 }), { text: 'a: 1', headers: { 'Content-Type': 'application/yaml', 'IDEMPOTENCY-KEY': 'mine' } });
    expect(receiver!.requests[0]?.headers).toMatchObject({ 'content-type': 'application/yaml', 'idempotency-key': 'mine' });
  });

  it.each([
    ['text', 'hello', { 'content-type': 'text/plain' }, { body: 'hello' }],
    ['JSON with a type of its own', '{"a":1}', { 'content-type': 'application/problem+json; charset=utf-8' }, { body: { a: 1 } }],
    ['what only says that it is JSON', '{"a":', { 'content-type': 'application/json' }, { body: '{"a":' }],
  ])('reads an answer that is %s', async (_, body, headers, expected) => {
    expect((await call(() => ({ status: 200, headers, body }))).objects[0]).toMatchObject(expected);
  });

  it('has no body for an empty answer', async () => {
    expect((await call(() => ({ status: 204 }))).objects[0]).not.toHaveProperty('body');
  });

  it('keeps the first part of an answer that is too long, and says so (WHK-12)', async () => {
    const { objects, logs } = await call(() => ({ status: 200, body: 'x'.repeat(3 * 2 ** 20) }));
    expect(objects[0]).toMatchObject({ 'body-cut': true });
    expect(objects[0]?.['body']).toHaveLength(2 ** 20);
    expect(logs.map(({ level }) => level)).toContain('warn');
  });

  it.each([
    [400, { code: 'http-refused', retryable: false }],
    [404, { code: 'http-refused', retryable: false }],
    [410, { code: 'http-refused', retryable: false }],
    [408, { code: 'http-unavailable', retryable: true }],
    [425, { code: 'http-unavailable', retryable: true }],
    [429, { code: 'http-unavailable', retryable: true, retryAfterMs: 7000 }],
    [500, { code: 'http-unavailable', retryable: true }],
    [503, { code: 'http-unavailable', retryable: true, retryAfterMs: 7000 }],
  ])('answered with %i fails, and says whether to try again (WHK-12)', async (status, failure) => {
    const { error } = await call(() => ({ status, headers: { 'retry-after': '7' }, body: 'no' }));
    expect(error).toMatchObject({ ...failure, message: `The webhook answered ${status}: no.` });
  });

  it('follows no redirect and forwards no header (WHK-11)', async () => {
    const trap = await startReceiver({ answer: () => ({ status: 200 }) });
    const answer = () => ({ status: 307, headers: { location: trap.url } });
    const { error } = await call(answer, { headers: { Authorization: 'Bearer abc' } });
    expect(error).toMatchObject({ code: 'http-redirected', retryable: false });
    expect(trap.requests).toEqual([]);
    await trap.stop();
  });

  it('gives up on a webhook that is too slow (WHK-12)', async () => {
    const { error } = await call(() => null, { 'timeout-seconds': 0.1 });
    expect(error).toMatchObject({ code: 'http-timeout', retryable: true });
  });

  it('says for good that a header cannot be sent', async () => {
    const { error } = await call(() => ({ status: 200 }), { headers: { 'x-path': 'a\nb' } });
    expect(error).toMatchObject({ code: 'request-invalid', retryable: false });
  });
});
