import type { HttpReceiver } from '@exosphere/testkit';
import { startReceiver } from '@exosphere/testkit';

/** What the API of the example was sent. */
export interface ReceivedReport {
  readonly idempotencyKey: string;
  readonly body: unknown;
}

export interface WebhookParty {
  readonly url: string;
  /** One for each idempotency key, in the order in which they came. */
  readonly reports: () => readonly ReceivedReport[];
  /** Deliveries that came with a key that was known already, or without the token. */
  readonly repeated: () => number;
  readonly refused: () => number;
  stop(): Promise<void>;
}

/** Stands for api.aikin.com: takes reports with the right bearer token. */
export async function startWebhookParty({ token, port }: { readonly token: string; readonly port: number }): Promise<WebhookParty> {
  const reports = new Map<string, ReceivedReport>();
  let repeated = 0;
  let refused = 0;
  const receiver: HttpReceiver = await startReceiver({
    port,
    answer: ({ method, path, headers, body }) => {
      if (method !== 'POST' || path !== '/v1/financial-reports') return { status: 404, body: { error: `no ${method} ${path} here` } };
      if (headers['authorization'] !== `Bearer ${token}`) {
        refused += 1;
        return { status: 401, body: { error: 'wrong bearer token' } };
      }
      const idempotencyKey = headers['idempotency-key'] ?? '';
      const report: unknown = JSON.parse(body);
      if (reports.has(idempotencyKey)) repeated += 1;
      else reports.set(idempotencyKey, { idempotencyKey, body: report });
      return { status: 202, body: { accepted: true } };
    },
  });
  return {
    url: receiver.url,
    reports: () => [...reports.values()],
    repeated: () => repeated,
    refused: () => refused,
    stop: () => receiver.stop(),
  };
}
