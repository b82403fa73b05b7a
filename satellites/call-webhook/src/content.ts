import type { Json } from '@exosphere/satellite';
import { SatelliteFailure } from '@exosphere/satellite';
import type { WebhookConfig } from './webhook-config.ts';

/** What is sent: a text with its type. Null: nothing. */
export type Content = { readonly type: string; readonly body: string } | null;

/** The body that the config asks for; without one, the input, where the method has a body. */
export function contentOf(config: WebhookConfig, input: Json): Content {
  const given = (['body', 'text', 'json'] as const).filter((key) => config[key] !== undefined);
  if (given.length > 1) {
    const message = `The config has ${given.join(' and ')}: a request has one body, give one of them.`;
    throw new SatelliteFailure(message, { code: 'config-invalid', retryable: false });
  }
  const { method = 'POST', text, body = config.json } = config;
  const isEmpty = given.length === 0;
  if (method === 'GET' || method === 'HEAD') {
    if (isEmpty) return null;
    throw new SatelliteFailure(`A ${method} request has no body: take ${given.join()} out.`, { code: 'config-invalid', retryable: false });
  }
  if (text !== undefined) return { type: 'text/plain; charset=utf-8', body: text };
  if (method === 'DELETE' && isEmpty) return null;
  return { type: 'application/json', body: JSON.stringify(isEmpty ? input : body) };
}
