import type { Json } from '@exosphere/satellite';
import { defineSatellite } from '@exosphere/satellite';
import type { HttpAnswer } from '@exosphere/satellite-http';
import { exchange, isSuccess, refusal } from '@exosphere/satellite-http';
import { contentOf } from './content.ts';
import { deliveryHeaders } from './delivery-headers.ts';
import type { WebhookConfig } from './webhook-config.ts';

/** Longest answer that is handed on. */
const answerLimit = 2 ** 20;

export default defineSatellite<WebhookConfig>({
  async run({ config, input, secrets }, context) {
    const { url, method = 'POST' } = config;
    const content = contentOf(config, input);
    const body = content?.body;
    const answer = await exchange(url, {
      method,
      headers: {
        ...(await deliveryHeaders({ id: context.idempotencyKey, now: Date.now(), body: body ?? '', secret: secrets['WEBHOOK_SECRET'] })),
        ...(content === null ? {} : { 'content-type': content.type }),
        ...lowerCased(config.headers ?? {}),
      },
      body,
      signal: context.signal,
      timeoutMs: (config['timeout-seconds'] ?? 30) * 1000,
      answerLimit,
    });
    if (!isSuccess(answer)) throw refusal(answer, 'The webhook', Date.now());
    context.log.info(`${method} answered ${answer.status}`, { status: answer.status });
    if (answer.cut) context.log.warn('the answer is longer than 1 MiB, only its first part is kept');
    return [{ status: answer.status, headers: answer.headers, ...bodyOf(answer) }];
  },
});

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function bodyOf({ text, headers, cut }: HttpAnswer): { body?: Json; 'body-cut'?: true } {
  if (cut) return { body: text, 'body-cut': true };
  if (text === '') return {};
  if (!/[/+]json\b/i.test(headers['content-type'] ?? '')) return { body: text };
  try {
    return { body: JSON.parse(text) as Json }; // the definition of JSON
  } catch {
    return { body: text }; // it says JSON and is none: hand on what came
  }
}
