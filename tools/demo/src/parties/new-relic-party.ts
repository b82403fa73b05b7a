import type { HttpReceiver } from '@exosphere/testkit';
import { startReceiver } from '@exosphere/testkit';

/** A log as New Relic's Log API takes it. */
export interface ReceivedLog {
  readonly timestamp: number;
  readonly message: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface NewRelicParty {
  readonly url: string;
  readonly logs: () => readonly ReceivedLog[];
  stop(): Promise<void>;
}

interface Batch {
  readonly common: { readonly attributes: Readonly<Record<string, unknown>> };
  readonly logs: readonly ReceivedLog[];
}

/** Stands for log-api.newrelic.com. */
export async function startNewRelicParty({ apiKey, port }: { readonly apiKey: string; readonly port: number }): Promise<NewRelicParty> {
  const logs: ReceivedLog[] = [];
  const receiver: HttpReceiver = await startReceiver({
    port,
    answer: ({ path, headers, body }) => {
      if (path !== '/log/v1') return { status: 404, body: '' };
      if (headers['api-key'] !== apiKey) return { status: 403, body: {} };
      if (Buffer.byteLength(body) > 1_000_000) return { status: 413, body: {} };
      const batches = JSON.parse(body) as readonly Batch[]; // the demo sends what the API documents
      for (const { common, logs: sent } of batches)
        logs.push(...sent.map((log) => ({ ...log, attributes: { ...common.attributes, ...log.attributes } })));
      return { status: 202, body: { requestId: `request-${receiver.requests.length}` } };
    },
  });
  return { url: receiver.url, logs: () => logs, stop: () => receiver.stop() };
}
