import { expect, it } from 'vitest';
import { contentOf } from './content.ts';
import { deliveryHeaders } from './delivery-headers.ts';

const url = 'https://example.com';
const input = { from: 'input' };
const json = (value: unknown) => ({ type: 'application/json', body: JSON.stringify(value) });

it.each([
  [{ body: { a: 1 } }, json({ a: 1 })],
  [{ json: [1, 2] }, json([1, 2])],
  [{ json: null }, json(null)],
  [{ text: 'plain' }, { type: 'text/plain; charset=utf-8', body: 'plain' }],
  [{}, json(input)],
  [{ method: 'PUT' as const }, json(input)],
  [{ method: 'DELETE' as const }, null],
  [{ method: 'DELETE' as const, body: { a: 1 } }, json({ a: 1 })],
  [{ method: 'GET' as const }, null],
  [{ method: 'HEAD' as const }, null],
])('a request with %j sends what it says', (config, content) => {
  expect(contentOf({ url, ...config }, input)).toEqual(content);
});

it('has no two bodies, and none with GET', () => {
  expect(() => contentOf({ url, body: {}, text: 'x' }, null)).toThrow('body and text');
  expect(() => contentOf({ url, method: 'GET', json: 1 }, null)).toThrow('no body');
});

it('signs as Standard Webhooks says', async () => {
  // The example of its specification.
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const headers = await deliveryHeaders({ id, now: 1_614_265_330_000, body: '{"test": 2432232314}', secret });
  expect(headers).toMatchObject({
    'webhook-id': id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

it('says what a webhook secret looks like', async () => {
  await expect(deliveryHeaders({ id: 'a', now: 0, body: '', secret: 'not base64!' })).rejects.toMatchObject({ code: 'secret-invalid' });
});
